package org.trufflebpf.language.nodes;

import java.util.List;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.nodes.AddressBuilder.Use;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.ContextField;
import org.trufflebpf.language.verifier.StackParts;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.language.verifier.Verifier;
import org.trufflebpf.maps.BpfMap;

/** Turns one instruction and what is known before it into statements: the nodes are chosen by the region that an access goes to. */
final class StepBuilder {
    private final StackUse stackUse;
    private final FrameLayout layout;
    private final AddressBuilder addresses;
    private final CallBuilder calls;
    private final DynptrCalls dynptrs;
    private final BpfMap[] maps;
    private final Analysis analysis;
    private final Code code;
    private final FoldedMaps folded;

    StepBuilder(VerifiedProgram program, StackUse stackUse, FrameLayout layout, int packetStartSlot, ProgramBindings bindings) {
        this.analysis = program.analysis();
        this.code = program.code();
        this.folded = bindings.folded();
        this.stackUse = stackUse;
        this.layout = layout;
        this.maps = bindings.maps();
        this.addresses = new AddressBuilder(this, layout, packetStartSlot, maps, analysis.maps(), program.safety(), bindings.innerMaps(),
                        !HeldRecords.isOneAtMost(analysis));
        this.dynptrs = new DynptrCalls(layout, addresses);
        this.calls = new CallBuilder(new HelperCall.Scope(this, addresses, layout, maps, analysis.maps(), bindings.innerMaps(),
                        program.spec().handlesFragments()), dynptrs, bindings.environment(), bindings.timers());
    }

    /** The ring buffers of the program. */
    Rings rings() {
        return addresses.rings(analysis.maps().all());
    }

    /** A register's value: a constant where it is known. */
    ExpressionNode register(int register, State state) {
        if (Registers.isFramePointer(register)) {
            return new AddressNode.Stack(Registers.depthOfFramePointer(register), 0);
        }
        Value value = state.register(register);
        if (value.isConstant()) {
            return new ConstantNode(value.min());
        }
        if (value.isInElement() && value.isAt(Kind.MAP_VALUE)) {
            return new ConstantNode(folded.address(value.map(), value.element()) + value.min());
        }
        return layout.has(register) ? new SlotNodes.Read(layout.slot(register)) : new ConstantNode(0);
    }

    /** What the contents of maps say of bpf_map_lookup_elem, or null. */
    ExpressionNode knownLookup(State state) {
        Value found = analysis.lookup(state);
        return found == null ? null : new ConstantNode(found.isInElement() ? folded.address(found.map(), found.element()) : found.min());
    }

    /** The elements of the one map in r{@code register}, or null where they are not known or many. */
    List<FoldedMaps.Entry> knownEntries(int register, State state) {
        return isOneMap(register, state) ? folded.entries(state.register(register).map()) : null;
    }

    /** The same as a table, or null where they are not known, few or too many. */
    KeyTable knownTable(int register, State state) {
        return isOneMap(register, state) ? folded.table(state.register(register).map()) : null;
    }

    private boolean isOneMap(int register, State state) {
        Value handle = state.register(register);
        return handle.isOnly(Kind.MAP) && handle.hasOneMap() && !analysis.maps().isTemplate(handle.map());
    }

    ExpressionNode operand(Operand operand, State state) {
        return switch (operand) {
            case Register register -> register(register.number(), state);
            case Immediate immediate -> new ConstantNode(immediate.value());
        };
    }

    void build(Step step, State state, List<StatementNode> statements) {
        int slot = step.slot();
        MemoryAccess access = Operands.access(step.instruction());
        if (access != null && access.writes()) {
            statements.addAll(dynptrs.ended(state, state.register(access.base()), access.offset(), access.bytes(),
                            () -> new AddressNode.Proved(register(access.base(), state), access.offset()), () -> new ConstantNode(access.bytes())));
        }
        switch (step.instruction()) {
            case Instruction.Alu i -> write(statements, i.target(), i.operation() == AluOperation.MOV
                            ? ArithmeticNode.create(i.operation(), i.wide(), null, operand(i.source(), state))
                            : ArithmeticNode.create(i.operation(), i.wide(), register(i.target(), state), operand(i.source(), state)));
            case Instruction.Negate i -> write(statements, i.target(), ConversionNode.negate(i.wide(), register(i.target(), state)));
            case Instruction.MoveSignExtended i -> write(statements, i.target(), ConversionNode.signExtend(i.wide(), i.bits(), register(i.source(), state)));
            case Instruction.SwapBytes i -> write(statements, i.target(), ConversionNode.order(i.order(), i.bits(), register(i.target(), state)));
            case Instruction.LoadConstant i -> write(statements, i.target(), new ConstantNode(i.value()));
            case Instruction.LoadMap i -> write(statements, i.target(), new ConstantNode(MapHandle.of(map(i.map()))));
            case Instruction.LoadMapValue i -> write(statements, i.target(), new ConstantNode(map(i.map()).valuesAddress() + map(i.map()).valueOffset() + i.offset()));
            // Only bpf_timer_set_callback looks at it.
            case Instruction.LoadFunction i -> write(statements, i.target(), new ConstantNode(i.functionSlot()));
            case Instruction.Load i -> write(statements, i.target(), load(i.size(), i.signed(), i.base(), i.offset(), slot, state));
            case Instruction.LoadAcquire i -> write(statements, i.target(),
                            new MemoryNodes.LoadAcquire(load(i.size(), false, i.base(), i.offset(), slot, state)));
            case Instruction.Store i -> statements.add(store(i.size(), i.base(), i.offset(), operand(i.source(), state), slot, state));
            case Instruction.StoreRelease i -> statements.add(
                            new MemoryNodes.StoreRelease(store(i.size(), i.base(), i.offset(), register(i.source(), state), slot, state)));
            case Instruction.Atomic i -> atomic(i, slot, state, statements);
            case Instruction.CallHelper i -> call(i, slot, state, statements);
            case Instruction.CallKfunc i -> call(i, slot, state, statements);
            case Instruction.Jump i -> throw endOfBlock(i);
            case Instruction.Branch i -> throw endOfBlock(i);
            case Instruction.MayGoto i -> throw endOfBlock(i);
            case Instruction.CallLocal i -> throw endOfBlock(i);
            case Instruction.Exit i -> throw endOfBlock(i);
        }
    }

    private void call(Instruction instruction, int slot, State state, List<StatementNode> statements) {
        String fault = Verifier.faultOfCall(instruction, code.slots().get(slot));
        if (fault == null) {
            calls.build(instruction, slot, state, statements);
        } else {
            write(statements, Registers.RESULT, new TrapNode(new TrapSite(layout, slot, Trap.Kind.CALL, fault)));
        }
    }

    private static IllegalStateException endOfBlock(Instruction instruction) {
        return new IllegalStateException("inside a block: " + instruction);
    }

    private BpfMap map(String name) {
        return maps[analysis.maps().number(name)];
    }

    void write(List<StatementNode> statements, int register, ExpressionNode value) {
        statements.add(new SlotNodes.Write(layout.slot(register), value));
    }

    private ExpressionNode load(Size size, boolean signed, int baseRegister, int offset, int slot, State state) {
        Value known = analysis.load(state, size, signed, baseRegister, offset);
        if (known != null) {
            return new ConstantNode(known.min());
        }
        Value base = state.register(baseRegister);
        ContextField field = base.isAt(Kind.CONTEXT) && size == Size.WORD ? ContextField.at(base.min() + offset) : null;
        if (field != null && (!signed || !field.isPointer())) {
            return signed ? ConversionNode.signExtend(true, 32, ContextNodes.load(field)) : ContextNodes.load(field);
        }
        if (inSlot(base, offset, size)) {
            return layout.stack().read(word(base, offset), StackParts.first(base, offset), size.bytes(), signed);
        }
        ExpressionNode memory = MemoryNodes.load(size, signed, addresses.access(baseRegister, offset, size.bytes(), slot, state, Use.LOAD));
        if (base.may(Kind.CONTEXT) && size == Size.WORD && !signed) {
            return new ContextNodes.MixedLoad(register(baseRegister, state), offset, memory);
        }
        return memory;
    }

    private StatementNode store(Size size, int baseRegister, int offset, ExpressionNode value, int slot, State state) {
        Value base = state.register(baseRegister);
        if (inSlot(base, offset, size)) {
            return layout.stack().write(word(base, offset), StackParts.first(base, offset), size.bytes(), value);
        }
        return MemoryNodes.store(size, addresses.access(baseRegister, offset, size.bytes(), slot, state, Use.STORE), value);
    }

    private void atomic(Instruction.Atomic i, int slot, State state, List<StatementNode> statements) {
        Value base = state.register(i.base());
        boolean exchange = i.operation() == Instruction.AtomicOperation.COMPARE_EXCHANGE;
        ExpressionNode operand = register(i.source(), state);
        ExpressionNode expected = exchange ? register(Registers.RESULT, state) : null;
        ExpressionNode atomic = inSlot(base, i.offset(), i.size())
                        ? atomicInSlot(i, word(base, i.offset()), StackParts.first(base, i.offset()), operand, expected)
                        : new AtomicNode.InMemory(i.operation(), i.size(),
                                        addresses.access(i.base(), i.offset(), i.size().bytes(), slot, state, Use.CHANGE), operand, expected);
        if (exchange || i.fetch()) {
            write(statements, exchange ? Registers.RESULT : i.source(), atomic);
        } else {
            statements.add(new DiscardNode(atomic));
        }
    }

    private ExpressionNode atomicInSlot(Instruction.Atomic i, int word, int first, ExpressionNode operand, ExpressionNode expected) {
        StackSlots stack = layout.stack();
        return new AtomicNode.InSlot(i.operation(), i.size(), stack.slot(word, first), first - stack.start(word, first), operand, expected);
    }

    private boolean inSlot(Value base, int offset, Size size) {
        return StackUse.isFixed(base, offset, size.bytes()) && !stackUse.inMemory(word(base, offset));
    }

    private static int word(Value base, int offset) {
        return State.word(base.depth(), base.min() + offset);
    }
}
