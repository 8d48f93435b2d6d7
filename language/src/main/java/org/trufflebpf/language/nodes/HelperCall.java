package org.trufflebpf.language.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.trufflebpf.language.helpers.MapNodes;
import org.trufflebpf.language.helpers.MapSource;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.verifier.DynptrArgument;
import org.trufflebpf.language.verifier.HelperPrototype.Effect;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.MemoryArgument;
import org.trufflebpf.language.verifier.Prototype;
import org.trufflebpf.language.verifier.StackParts;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.BpfMap;

/** One call: gives nodes for its arguments, and collects what must happen before and after it to stack words that it gets in memory. */
final class HelperCall {
    /** What all calls of a program share. */
    record Scope(StepBuilder steps, AddressBuilder addresses, FrameLayout layout, BpfMap[] maps, MapTable table, InnerMaps innerMaps, boolean fragments) {
    }

    final Prototype helper;
    final List<StatementNode> before = new ArrayList<>();
    final List<StatementNode> after = new ArrayList<>();
    private final Scope scope;
    private final int slot;
    private final State state;
    private final List<MemoryArgument> memory;
    private int passed;

    HelperCall(Scope scope, Prototype helper, int slot, State state) {
        this.scope = scope;
        this.helper = helper;
        this.slot = slot;
        this.state = state;
        this.memory = MemoryArgument.of(helper, state, scope.table);
    }

    /** Whether the program knows packets of several buffers. */
    boolean handlesFragments() {
        return scope.fragments;
    }

    /** What is known before the call. */
    State state() {
        return state;
    }

    /** What the contents of maps say of this lookup, or null. */
    ExpressionNode knownLookup() {
        return scope.steps.knownLookup(state);
    }

    /** The elements of the map in {@code register}, or null where they are not known or many. */
    List<FoldedMaps.Entry> knownEntries(int register) {
        return scope.steps.knownEntries(register, state);
    }

    /** The same as a table, or null where they are not known, few or too many. */
    KeyTable knownTable(int register) {
        return scope.steps.knownTable(register, state);
    }

    DynptrArgument dynptr(int register) {
        return DynptrArgument.of(helper, state).stream().filter(argument -> argument.register() == register).findFirst().orElseThrow();
    }

    ExpressionNode argument(int register) {
        return scope.steps.register(register, state);
    }

    /** A size argument: 32 bits. */
    ExpressionNode size(int register) {
        return ArithmeticNode.create(AluOperation.MOV, false, null, argument(register));
    }

    TrapSite site(String what) {
        return new TrapSite(scope.layout, slot, Trap.Kind.CALL, what);
    }

    ExpressionNode trap(String what) {
        return new TrapNode(site(what));
    }

    /** The node that {@code make} gives, where r1 is the context as the program got it. */
    ExpressionNode withContext(Supplier<ExpressionNode> make) {
        Value context = state.register(1);
        if (context.isAt(Kind.CONTEXT) && context.min() == 0) {
            return make.get();
        }
        ExpressionNode trap = trap("gives " + helper.helperName() + " an r1 that is not the context");
        return context.may(Kind.CONTEXT) ? new MapNodes.IfHandle(argument(1), FrameLayout.CONTEXT_HANDLE, make.get(), trap) : trap;
    }

    /**
     * The node for the map in {@code register}; where it can be several maps, the one that it is at run time.
     *
     * @param known gives the node for a map that the program names
     * @param inner gives the node for an inner map, of which only the template is known
     */
    ExpressionNode withMap(int register, Function<BpfMap, ExpressionNode> known, Function<MapSpec, ExpressionNode> inner) {
        Value handle = state.register(register);
        if (hasOneMap(register)) {
            return allowed(handle.map(), known, inner);
        }
        ExpressionNode chain = trap("gives " + helper.helperName() + " in r" + register + " what is no map");
        if (handle.may(Kind.MAP)) {
            long templates = handle.maps() & scope.table.templates();
            if (templates != 0) {
                // The kernel knows one template at each call.
                chain = Long.bitCount(templates) == 1 ? allowed(Long.numberOfTrailingZeros(templates), known, inner)
                                : trap("gives " + helper.helperName() + " in r" + register + " an inner map of one of several maps");
            }
            for (long rest = handle.maps() & ~templates; rest != 0; rest &= rest - 1) {
                int number = Long.numberOfTrailingZeros(rest);
                chain = new MapNodes.IfHandle(argument(register), MapHandle.of(scope.maps[number]), allowed(number, known, inner), chain);
            }
        }
        return chain;
    }

    /** Whether a register certainly holds a certain map, or a map that is like a certain template. */
    boolean hasOneMap(int register) {
        return state.register(register).isOnly(Kind.MAP) && state.register(register).hasOneMap();
    }

    /** Whether the program may hold an address of one of the map's values, arguments included. */
    boolean mayHoldValue(int map) {
        return state.mayHoldValue(1L << map | scope.table.templates());
    }

    InnerMaps innerMaps() {
        return scope.innerMaps;
    }

    private ExpressionNode allowed(int map, Function<BpfMap, ExpressionNode> known, Function<MapSpec, ExpressionNode> inner) {
        if (helper.has(Effect.CHANGES_MAP) && scope.table.allowing(1L << map, false, true) == 0) {
            return trap("changes map '" + scope.table.nameOf(map) + "', which is read-only for programs");
        }
        return scope.table.isTemplate(map) ? inner.apply(scope.table.maps().get(map)) : known.apply(scope.maps[map]);
    }

    /**
     * The node that {@code make} gives for the map in {@code register}, which must be a {@code kind}, as people call it {@code name}; for kinds that no
     * inner map has.
     */
    <M extends BpfMap> ExpressionNode withMap(int register, Class<M> kind, String name, Function<M, ExpressionNode> make) {
        return withMap(register, map -> kind.isInstance(map) ? make.apply(kind.cast(map)) : otherMap(map.name(), name),
                        template -> otherMap(template.name(), name));
    }

    private ExpressionNode otherMap(String map, String wanted) {
        return trap("gives " + helper.helperName() + " map '" + map + "', which is no " + wanted);
    }

    /**
     * The same for kinds that inner maps have too.
     *
     * @param make gets a new node with each call of the supplier
     */
    <M extends BpfMap> ExpressionNode withMapSource(int register, Class<M> kind, String name, Function<Supplier<MapSource<M>>, ExpressionNode> make) {
        return withMap(register, kind, name, map -> make.apply(() -> MapSource.of(map)), make);
    }

    /** The same with nodes of their own for maps that the program names. */
    <M extends BpfMap> ExpressionNode withMap(int register, Class<M> kind, String name, Function<M, ExpressionNode> known,
                    Function<Supplier<MapSource<M>>, ExpressionNode> inner) {
        return withMap(register, map -> kind.isInstance(map) ? known.apply(kind.cast(map)) : otherMap(map.name(), name),
                        template -> inner.apply(() -> inner(register, kind, template)));
    }

    /** The inner map in {@code register}. */
    <M> MapSource<M> inner(int register, Class<M> kind, MapSpec template) {
        return new InnerMapNodes.Source<>(kind, scope.innerMaps, template, argument(register),
                        site("gives " + helper.helperName() + " in r" + register + " a map that is not like the inner maps"));
    }

    /** The ring buffers that r{@code register} can be a record of. */
    Rings rings(int register) {
        return scope.addresses.rings(state.register(register));
    }

    /** Memory whose size is the next argument's. */
    ExpressionNode memory(int register) {
        MemoryArgument use = use(register);
        return fixed(register, use) ? passed(register, use)
                        : scope.addresses.memory(register, size(register + 1), use.maxSize(), use.written(), slot, state, helper.helperName());
    }

    /** Memory in a map value, whose size is the next argument's. */
    ExpressionNode valueMemory(int register) {
        Value pointer = state.register(register);
        return pointer.isOnly(Kind.MAP_VALUE) ? memory(register) : pointer.may(Kind.MAP_VALUE)
                        ? scope.addresses.memory(register, pointer.anywhereIn(Kind.MAP_VALUE), size(register + 1), use(register).maxSize(), true, slot, state,
                                        helper.helperName())
                        : trap("gives " + helper.helperName() + " in r" + register + " no memory in a map value");
    }

    /** Memory of a size that the map says. */
    ExpressionNode memory(int register, int size) {
        MemoryArgument use = use(register);
        return fixed(register, use) ? passed(register, use)
                        : scope.addresses.memory(register, new ConstantNode(size), size, use.written(), slot, state, helper.helperName());
    }

    /** Memory of a size that the helper says. */
    ExpressionNode fixedMemory(int register) {
        return memory(register, (int) use(register).maxSize());
    }

    /** A text in a map value. */
    ExpressionNode text(int register) {
        return state.register(register).isAt(Kind.MAP_VALUE) ? fixedMemory(register)
                        : trap("gives " + helper.helperName() + " in r" + register + " no constant text");
    }

    /** Bytes up to the end of the value that a text lies in. */
    int textSize(int register) {
        return (int) use(register).maxSize();
    }

    /** What addresses may lead to that the helper finds in its arguments. */
    ProgramMemory programMemory() {
        return scope.addresses.programMemory();
    }

    /** The memory that the call writes may be that of dynptrs. */
    List<StatementNode> endedDynptrs(DynptrCalls dynptrs) {
        List<StatementNode> statements = new ArrayList<>();
        for (MemoryArgument use : memory) {
            if (use.written()) {
                int register = use.register();
                statements.addAll(dynptrs.ended(state, state.register(register), 0, use.maxSize(), () -> argument(register),
                                () -> use.hasFixedSize() ? new ConstantNode(use.maxSize()) : size(register + 1)));
            }
        }
        return statements;
    }

    private MemoryArgument use(int register) {
        for (MemoryArgument use : memory) {
            if (use.register() == register) {
                return use;
            }
        }
        throw new IllegalStateException(helper + " has no memory in r" + register);
    }

    private boolean fixed(int register, MemoryArgument use) {
        return StackUse.isFixed(state.register(register), use);
    }

    /** Words that live in frame slots are written to their place in memory for the call, and read back if the helper writes. */
    private ExpressionNode passed(int register, MemoryArgument use) {
        Value pointer = state.register(register);
        if (use.maxSize() > 0 && (passed & 1 << register) == 0) {
            passed |= 1 << register;
            int last = State.word(pointer.depth(), pointer.min() + use.maxSize() - 1);
            for (int word = State.word(pointer.depth(), pointer.min()); word <= last; word++) {
                StackSlots stack = scope.layout.stack();
                if (stack.has(word)) {
                    before.add(MemoryNodes.store(Size.DOUBLE, AddressNode.Stack.ofWord(word), stack.read(word, 0, Long.BYTES, false)));
                    if (use.written()) {
                        after.add(stack.write(word, 0, Long.BYTES, MemoryNodes.load(Size.DOUBLE, false, AddressNode.Stack.ofWord(word))));
                    }
                }
            }
        }
        return new AddressNode.Stack(pointer.depth(), pointer.min());
    }

    /** A 32-bit key. */
    ExpressionNode index(int register) {
        ExpressionNode[] words = keyWords(register, 4);
        return words != null ? words[0] : MemoryNodes.load(Size.WORD, false, memory(register, 4));
    }

    /** A key straight from frame slots, as little-endian words, or null when it does not lie there. Keys of up to 32 bytes. */
    ExpressionNode[] keyWords(int register, int size) {
        Value pointer = state.register(register);
        MemoryArgument use = use(register);
        int first = StackParts.first(pointer, 0);
        if (!fixed(register, use) || use.maxSize() != size || size > 32 || (first != 0 && first + size > 8)) {
            return null;
        }
        ExpressionNode[] words = new ExpressionNode[(size + 7) / 8];
        for (int i = 0; i < words.length; i++) {
            int word = State.word(pointer.depth(), pointer.min() + 8L * i);
            if (!scope.layout.stack().has(word)) {
                return null;
            }
            words[i] = scope.layout.stack().read(word, first, Math.min(8, size - 8 * i), false);
        }
        return words;
    }
}
