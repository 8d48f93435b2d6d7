package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.verifier.Finding.Need;
import org.trufflebpf.language.verifier.Value.Kind;

/** All that the instructions of a program need in order to be safe, each proved or not. What is not proved strict mode rejects. */
public final class Obligations {
    private final Analysis analysis;
    private final MapTable maps;
    private List<Finding> findings = new ArrayList<>();
    private int block;
    private int step;

    private Obligations(Analysis analysis) {
        this.analysis = analysis;
        this.maps = analysis.maps();
    }

    /**
     * Those of a verified program, without its timers' callbacks, in the order of the code.
     *
     * @param start the first slot of the function that the analysis is of
     */
    public static List<Finding> of(Code code, int start, Entry entry, Analysis analysis) {
        Obligations obligations = new Obligations(analysis);
        BitSet reached = new BitSet();
        for (int number = 0; number < analysis.graph().blocks().size(); number++) {
            if (analysis.isReached(number)) {
                obligations.visit(number, reached);
            }
        }
        analysis.loops().rounds().forEach((header, rounds) -> obligations.loop(header, rounds));
        for (WrittenRegisters.Unwritten read : WrittenRegisters.find(code, start, WrittenRegisters.given(entry), reached)) {
            obligations.findings.add(new Finding(read.slot(), 0, 0, Need.WRITTEN, false, read.register(), null,
                            "reads " + Registers.name(read.register()) + ", which was not written on every path or was lost in a call"));
        }
        obligations.findings.sort(Comparator.comparingInt(Finding::slot));
        return obligations.findings;
    }

    /** Those of one instruction, but for its loops and for registers that were not written. */
    static List<Finding> at(int slot, Analysis analysis) {
        Obligations obligations = new Obligations(analysis);
        for (int number = 0; number < analysis.graph().blocks().size(); number++) {
            Block candidate = analysis.graph().blocks().get(number);
            if (analysis.isReached(number) && (candidate.end() == slot || candidate.steps().stream().anyMatch(next -> next.slot() == slot))) {
                obligations.visit(number, new BitSet());
            }
        }
        obligations.findings.removeIf(finding -> finding.slot() != slot);
        return obligations.findings;
    }

    private void visit(int number, BitSet reached) {
        Block visited = analysis.graph().blocks().get(number);
        visited.steps().forEach(next -> reached.set(next.slot()));
        reached.set(visited.end());
        block = number;
        step = 0;
        List<Finding> others = findings;
        findings = new ArrayList<>();
        end(visited, analysis.replay(number, this::visit));
        List<Finding> joined = findings;
        findings = others;
        if (analysis.cases() == null || joined.stream().allMatch(Finding::proved)) {
            findings.addAll(joined);
        } else {
            joined.stream().map(caseByCase(number)).filter(Objects::nonNull).forEach(findings::add);
        }
    }

    /** What becomes of a finding that is not proved of all states together: one that is not proved of some, or none where it concerns no state. */
    private UnaryOperator<Finding> caseByCase(int number) {
        List<Finding> others = findings;
        findings = new ArrayList<>();
        Block visited = analysis.graph().blocks().get(number);
        step = 0;
        for (State end : analysis.cases().replay(number, this::visit, () -> step = 0)) {
            step = visited.steps().size();
            end(visited, end);
        }
        Map<Object, Finding> found = new HashMap<>();
        for (Finding finding : findings) {
            found.merge(about(finding), finding, (one, other) -> one.proved() ? other : one);
        }
        findings = others;
        return finding -> finding.proved() ? finding : found.get(about(finding));
    }

    private static Object about(Finding finding) {
        return List.of(finding.step(), finding.need(), finding.register());
    }

    private void end(Block visited, State end) {
        if (visited.terminator() instanceof Terminator.Exit) {
            Value result = end.register(Registers.RESULT);
            boolean isNumber = !result.isUnwritten() && !result.mayBePointer();
            add(visited.end(), Need.RESULT, isNumber, Registers.RESULT, result,
                            "ends with " + Wording.nature(result) + " in r0" + (isNumber ? "" : ", not with a number"));
            nothingHeld(visited.end(), end, "ends");
        }
    }

    private void loop(int header, long rounds) {
        Block first = analysis.graph().blocks().get(header);
        block = header;
        step = 0;
        boolean ends = rounds != Loops.ENDLESS;
        add(first.steps().isEmpty() ? first.end() : first.steps().getFirst().slot(), Need.LOOP, ends, -1, null, ends
                        ? "begins a loop of at most " + rounds + " rounds"
                        : "begins a loop that is not known to end within " + Loops.MAX_ROUNDS +
                        " rounds: count its rounds up to a bound that is known");
    }

    /** Records and locks are given back before the end, and before another program goes on. */
    private void nothingHeld(int slot, State state, String verb) {
        state.held().values().stream().sorted().forEach(taken -> add(slot, Need.REFERENCE, false, -1, null, verb +
                        " with the record of a ring buffer that instruction " + taken +
                        " reserves still held on some path: submit or discard it on each"));
        if (state.lock() != null) {
            add(slot, Need.REFERENCE, false, -1, null, verb + " with a lock held on some path: call bpf_spin_unlock on each");
        }
    }

    /** Between bpf_spin_lock and bpf_spin_unlock of the same lock nothing is called. */
    private void lock(int slot, Prototype helper, State state) {
        if (helper == HelperPrototype.SPIN_UNLOCK) {
            Value given = state.register(1);
            boolean same = state.lock() != null && !state.lock().isUnwritten() && given.isAt(Kind.MAP_VALUE) && given.hasOneMap() &&
                            given.maps() == state.lock().maps() && given.range().equals(state.lock().range()) && given.id() == state.lock().id();
            add(slot, Need.REFERENCE, same, 1, given, "unlocks a lock" + (same ? "" : " that is not known to be the one that it holds"));
        } else if (state.lock() != null) {
            add(slot, Need.REFERENCE, false, -1, null, "calls " + helper.helperName() + " where a lock can be held: call it before or after");
        }
    }

    private void add(int slot, Need need, boolean proved, int register, Value known, String text) {
        findings.add(new Finding(slot, block, step, need, proved, register, known, text));
    }

    private void visit(Step next, State state) {
        MemoryAccess access = Operands.access(next.instruction());
        if (access != null) {
            memory(next, access, state);
        }
        Prototype.of(next.instruction()).ifPresent(helper -> call(next.slot(), helper, state));
        step++;
    }

    private void memory(Step next, MemoryAccess access, State state) {
        Value base = state.register(access.base());
        String verb = access.reads() ? access.writes() ? "changes " : "reads " : "writes ";
        String text = verb + Wording.bytes(access.bytes()) + " " + Wording.place(maps, base, access.offset());
        String doubt = doubt(next.instruction(), access, base, state);
        add(next.slot(), Need.MEMORY, doubt == null, access.base(), base, doubt == null ? text : text + doubt);
    }

    /** Why an access is not proved, to follow what it does; null when it is. */
    private String doubt(Instruction instruction, MemoryAccess access, Value base, State state) {
        if (base.isOnly(Kind.CONTEXT)) {
            ContextField field = base.isAt(Kind.CONTEXT) ? ContextField.at(base.min() + access.offset()) : null;
            boolean signed = instruction instanceof Instruction.Load load && load.signed();
            boolean fits = field != null && access.size() == Size.WORD && !access.writes() && !(signed && field.isPointer());
            return fits ? null : ", which is not known to be one field of struct xdp_md";
        }
        if (!Proof.holds(state, maps, base, access.offset(), access.bytes(), access.reads(), access.writes())) {
            return outside(state, base);
        }
        String reserved = reserved(base, access.offset(), access.bytes());
        if (reserved != null) {
            return ", where a struct " + reserved + " can be";
        }
        return access.reads() && base.may(Kind.STACK) && splitsPointer(state, base, access) ? ", which can be part of a pointer" : null;
    }

    /** Why it is not known to be in its region. */
    private String outside(State state, Value base) {
        if (base.may(Kind.NULL) && base.kindSet().size() == 2) {
            return ", which can be null";
        }
        if (base.isOnly(Kind.PACKET)) {
            return ", of which " + Wording.bytes(state.packetBytes()) + " are known to be there";
        }
        if (base.isOnly(Kind.MAP_VALUE)) {
            boolean forbidden = maps.allowing(base.maps(), true, true) != base.maps();
            return forbidden ? ", which the map's flags can forbid to programs"
                            : ", which has " + Wording.bytes(maps.smallestValue(base.maps()));
        }
        return base.isOnly(Kind.STACK) ? ", which is not known to be in its frame of " + StackWindow.FRAME + " bytes"
                        : ", which is not known to be memory that it may use";
    }

    private boolean splitsPointer(State state, Value base, MemoryAccess access) {
        boolean whole = access.size() == Size.DOUBLE && StackUse.isFixed(base, access.offset(), access.bytes());
        return StackWindow.of(base, access.offset(), access.bytes()).words()
                        .anyMatch(word -> state.stackWord(word).mayBeDynptr() || !whole && state.stackWord(word).mayBePointer());
    }

    /** The struct in a map's value that an access may touch, which no program may but by calls (the kernel's check_map_access); null for none. */
    private String reserved(Value base, long offset, long size) {
        for (long rest = base.may(Kind.MAP_VALUE) ? base.maps() : 0; rest != 0; rest &= rest - 1) {
            MapSpec map = maps.maps().get(Long.numberOfTrailingZeros(rest));
            long start = base.min() + offset;
            long end = base.max() + offset + size;
            if (map.hasTimer() && start < map.timer() + MemoryArgument.TIMER_BYTES && end > map.timer()) {
                return "bpf_timer";
            }
            if (map.hasLock() && start < map.lock() + MemoryArgument.LOCK_BYTES && end > map.lock()) {
                return "bpf_spin_lock";
            }
        }
        return null;
    }

    private void call(int slot, Prototype helper, State state) {
        lock(slot, helper, state);
        if (helper == HelperPrototype.TAIL_CALL) {
            nothingHeld(slot, state, "calls another program");
        }
        List<MemoryArgument> memory = MemoryArgument.of(helper, state, maps);
        List<DynptrArgument> dynptrs = DynptrArgument.of(helper, state);
        for (int i = 0; i < helper.arguments().size(); i++) {
            int register = i + 1;
            Value given = state.register(register);
            boolean proved = switch (helper.arguments().get(i)) {
                case CONTEXT -> given.isAt(Kind.CONTEXT) && given.min() == 0;
                case MAP -> isMap(helper, given);
                case RECORD -> given.isAt(Kind.RECORD) && given.min() == 0;
                case TIMER -> isTimer(given);
                case LOCK -> isLock(given);
                case VALUE_MEMORY -> given.isOnly(Kind.MAP_VALUE) && isMemory(state, memory, register);
                case TEXT -> given.isAt(Kind.MAP_VALUE) && isMemory(state, memory, register);
                case DYNPTR, DYNPTR_RECORD, DYNPTR_OUT -> dynptrs.stream().allMatch(dynptr -> dynptr.register() != register ||
                                dynptr.isSample(state) || isDynptr(dynptr, state));
                case MAP_KEY, MAP_VALUE_IN, MAP_VALUE_OUT, INT_IN_OUT, LONG_OUT, WORD_OUT, HALF_OUT, IPV4_HEADER, IPV6_HEADER, TCP_HEADER ->
                    isMemory(state, memory, register);
                case MEMORY_IN, MEMORY_OUT ->
                                isMemory(state, memory, register) || given.isConstant() && given.min() == 0 && hasNoSize(memory, register);
                case SIZE -> isSize(state.register(register), 1);
                case SIZE_OR_ZERO -> isSize(state.register(register), 0);
                case ANYTHING -> !given.isUnwritten();
                case OPTIONAL -> true;
            };
            String text = "gives " + helper.helperName() + " " + (given.kindSet().size() == 1 && !given.isConstant() && given.mayBePointer()
                            ? "an address " + Wording.place(maps, given, 0)
                            : Wording.nature(given)) + " in r" + register;
            add(slot, Need.ARGUMENT, proved, register, given, proved ? text : text + ", which is not known to be " + wanted(helper, i, memory));
        }
    }

    private boolean isMap(Prototype helper, Value given) {
        boolean allowed = given.isOnly(Kind.MAP) && given.isAt(Kind.MAP) && given.min() == 0 && MapUse.fits(helper, maps, given.maps());
        return allowed && (!helper.has(HelperPrototype.Effect.CHANGES_MAP) || maps.allowing(given.maps(), false, true) == given.maps());
    }

    private boolean isTimer(Value given) {
        if (!given.isAt(Kind.MAP_VALUE) || !given.hasOneMap()) {
            return false;
        }
        MapSpec map = maps.maps().get(given.map());
        return map.hasTimer() && map.timer() == given.min();
    }

    private boolean isLock(Value given) {
        if (!given.isAt(Kind.MAP_VALUE) || !given.hasOneMap()) {
            return false;
        }
        MapSpec map = maps.maps().get(given.map());
        return map.hasLock() && map.lock() == given.min();
    }

    private boolean isMemory(State state, List<MemoryArgument> memory, int register) {
        Value given = state.register(register);
        return memory.stream().allMatch(argument -> argument.register() != register ||
                        Proof.holds(state, maps, given, 0, argument.maxSize(), !argument.written(), argument.written()) &&
                                        reserved(given, 0, argument.maxSize()) == null);
    }

    private static boolean hasNoSize(List<MemoryArgument> memory, int register) {
        return memory.stream().allMatch(argument -> argument.register() != register || argument.maxSize() == 0);
    }

    private static boolean isSize(Value size, int least) {
        return size.isOnly(Kind.SCALAR) && size.truncated().min() >= least && size.truncated().max() <= Integer.MAX_VALUE;
    }

    private static boolean isDynptr(DynptrArgument dynptr, State state) {
        if (!dynptr.certain()) {
            return false;
        }
        Value described = dynptr.described(state);
        // A copy of the dynptr of a record is none once the record was given back.
        boolean isLive = !described.may(Kind.RECORD_DYNPTR) || state.held().containsKey(described.id());
        return dynptr.isMade() || described.isDynptr() && state.stackWord(dynptr.words().getFirst()).isDynptr() && isLive;
    }

    private static String wanted(Prototype helper, int argument, List<MemoryArgument> memory) {
        String size = memory.stream().filter(candidate -> candidate.register() == argument + 1).findFirst()
                        .map(candidate -> Wording.bytes(candidate.minSize(), candidate.maxSize())).orElse("bytes");
        return switch (helper.arguments().get(argument)) {
            case CONTEXT -> "the context as the program got it";
            case MAP -> "a map of a kind that it takes";
            case RECORD -> "a record that the program holds";
            case TIMER -> "the struct bpf_timer in a map value";
            case LOCK -> "a struct bpf_spin_lock in a map value";
            case VALUE_MEMORY -> size + " in a map value";
            case TEXT -> "a constant text in a map value";
            case DYNPTR -> "a dynptr";
            case DYNPTR_RECORD -> "the dynptr of a record";
            case DYNPTR_OUT -> "a place for a dynptr on the stack";
            case MAP_KEY, MAP_VALUE_IN, MEMORY_IN, IPV4_HEADER, IPV6_HEADER, TCP_HEADER -> size + " of memory to read";
            case MAP_VALUE_OUT, MEMORY_OUT, INT_IN_OUT, LONG_OUT, WORD_OUT, HALF_OUT -> size + " of memory to write";
            case SIZE -> "a size of at least 1 byte";
            case SIZE_OR_ZERO -> "a size";
            case ANYTHING, OPTIONAL -> "written";
        };
    }
}
