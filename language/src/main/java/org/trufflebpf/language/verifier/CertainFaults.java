package org.trufflebpf.language.verifier;

import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Finds what is wrong whatever the packet: a fault that every value has which the analysis allows at an instruction. It looks only where a single
 * path leads, because behind a merge what is known mixes paths, and a fault on one of them may be impossible for a reason that the analysis
 * does not see.
 */
final class CertainFaults {
    private static final int FRAME = 8 * State.WORDS_PER_FRAME;

    private final Analysis analysis;

    private CertainFaults(Analysis analysis) {
        this.analysis = analysis;
    }

    static void check(Analysis analysis) throws RejectedException {
        new CertainFaults(analysis).run();
    }

    private void run() throws RejectedException {
        boolean[] single = singlePaths();
        for (int number = 0; number < single.length; number++) {
            if (single[number]) {
                check(number);
            }
        }
    }

    private boolean[] singlePaths() {
        int[][] predecessors = analysis.graph().predecessors();
        boolean[] single = new boolean[predecessors.length];
        for (int block = 0; block < single.length; block++) {
            boolean onePath = block == 0 ? predecessors[0].length == 0 : predecessors[block].length == 1 && single[predecessors[block][0]];
            single[block] = onePath && analysis.isReached(block);
        }
        return single;
    }

    private void check(int number) throws RejectedException {
        Block block = analysis.graph().blocks().get(number);
        RejectedException[] fault = new RejectedException[1];
        State end = analysis.replay(number, (step, state) -> {
            String wrong = fault[0] == null ? fault(step.instruction(), state) : null;
            if (wrong != null) {
                fault[0] = new RejectedException(step.slot(), wrong);
            }
        });
        if (fault[0] != null) {
            throw fault[0];
        }
        String wrong = switch (block.terminator()) {
            case Terminator.Branch branch -> unwritten(end,
                            Operands.reads(new Instruction.Branch(branch.condition(), branch.wide(), branch.left(), branch.right(), 0)));
            case Terminator.Exit exit -> end.register(Registers.RESULT).isUnwritten() ? "returns r0, which was never written" : null;
            case Terminator.Goto jump -> null;
            case Terminator.Budget budget -> null;
        };
        if (wrong != null) {
            throw new RejectedException(block.end(), wrong);
        }
    }

    private String fault(Instruction instruction, State state) {
        String wrong = unwritten(state, Operands.reads(instruction));
        MemoryAccess access = Operands.access(instruction);
        if (wrong == null && access != null) {
            wrong = access(access, instruction instanceof Instruction.Load load && load.signed(), state);
        }
        Prototype helper = wrong == null ? Prototype.of(instruction).orElse(null) : null;
        return helper == null ? wrong : call(helper, state);
    }

    private static String unwritten(State state, int... registers) {
        for (int register : registers) {
            if (state.register(register).isUnwritten()) {
                return "reads " + Registers.name(register) + ", which was never written or was lost in a call";
            }
        }
        return null;
    }

    private String access(MemoryAccess access, boolean signed, State state) {
        Value base = state.register(access.base());
        String name = Registers.name(access.base());
        String verb = access.writes() ? "writes " : "reads ";
        if (base.isUnwritten()) {
            return unwritten(state, access.base());
        }
        if (access.reads() && readsDynptr(access, base, state)) {
            return "reads bytes of a dynptr, which only calls may look into";
        }
        if (base.isOnly(Kind.CONTEXT)) {
            return access.writes() ? "writes to the context, which is read-only" : contextFault(access, base, signed);
        }
        String outside = outside(base, access.offset(), access.bytes());
        if (base.isOnly(Kind.MAP_KEY) && access.writes()) {
            return "writes a key of map '" + analysis.maps().nameOf(base.map()) + "', which is read-only";
        }
        if (outside != null) {
            return verb + outside;
        }
        if (touchesTimer(base, access.offset(), access.bytes())) {
            return verb + "the struct bpf_timer in a value of map '" + analysis.maps().nameOf(base.map()) + "', which only timer helpers may touch";
        }
        if (base.isOnly(Kind.MAP_VALUE) && analysis.maps().allowing(base.maps(), access.reads(), access.writes()) == 0) {
            return verb + "a value of map '" + analysis.maps().maps().get(base.map()).name() + "', which forbids it to programs";
        }
        // The kernel lets programs read some of struct bpf_map; here that traps.
        boolean readsMap = base.isOnly(Kind.MAP) && !access.writes();
        return isMemory(base) || readsMap ? null : verb + "memory through " + name + ", which is " + Wording.nature(base) +
                        (base.isOnly(Kind.SCALAR) ? ", not a pointer" : "") +
                        (base.isOnly(Kind.MAP) ? ", not one of its values: look the value up with bpf_map_lookup_elem" : "");
    }

    private static String contextFault(MemoryAccess access, Value base, boolean signed) {
        ContextField field = base.min() == base.max() ? ContextField.at(base.min() + access.offset()) : null;
        if (signed && field != null && field.isPointer()) {
            return "loads a pointer of the context with its sign extended";
        }
        boolean fits = access.size() == Size.WORD && (base.min() != base.max() || field != null);
        return fits ? null : "reads " + Wording.bytes(access.bytes()) + " at offset " + (base.min() + access.offset()) +
                        " of the context, where no field of struct xdp_md begins or ends so";
    }

    /** How many bytes and where, if that is outside their region wherever in its bounds the pointer is; else null. */
    private String outside(Value base, long offset, long size) {
        if (base.isOnly(Kind.STACK) && isOutside(base, offset, size, -FRAME, 0)) {
            String frame = base.hasOneFrame() ? Registers.name(Registers.framePointer(base.depth())) : "a frame pointer";
            return Wording.bytes(size) + " at " + frame + Wording.range("%+d", base, offset) + ", outside the stack frame of " + FRAME + " bytes";
        }
        if (base.isOnly(Kind.MAP_VALUE) && isOutside(base, offset, size, 0, analysis.maps().largestValue(base.maps()))) {
            return Wording.bytes(size) + " at offset " + Wording.range("%d", base, offset) + " of a map value of " +
                            Wording.bytes(analysis.maps().largestValue(base.maps()));
        }
        if (base.isOnly(Kind.MAP_KEY) && isOutside(base, offset, size, 0, analysis.maps().largestKey(base.maps()))) {
            return Wording.bytes(size) + " at offset " + Wording.range("%d", base, offset) + " of a map key of " +
                            Wording.bytes(analysis.maps().largestKey(base.maps()));
        }
        if (base.isOnly(Kind.PACKET) && isOutside(base, offset, size, -Edges.MAX_PACKET, Edges.MAX_PACKET)) {
            return Wording.bytes(size) + " at offset " + Wording.range("%d", base, offset) + " of the packet, where no packet reaches";
        }
        return null;
    }

    private static boolean isOutside(Value base, long offset, long size, long low, long high) {
        return base.min() > high - size - offset || base.max() < low - offset;
    }

    private static boolean isMemory(Value base) {
        return base.may(Kind.CONTEXT) || isPlainMemory(base);
    }

    /** What helpers take as memory. */
    private static boolean isPlainMemory(Value base) {
        return base.may(Kind.PACKET) || base.may(Kind.STACK) || base.may(Kind.MAP_VALUE) || base.may(Kind.MAP_KEY) || base.may(Kind.RECORD) ||
                        base.may(Kind.PACKET_SLICE);
    }

    /** The kernel lets no program see it (check_map_access). */
    private boolean touchesTimer(Value base, long offset, long size) {
        if (!base.isAt(Kind.MAP_VALUE) || !base.hasOneMap()) {
            return false;
        }
        MapSpec map = analysis.maps().maps().get(base.map());
        long start = base.min() + offset;
        return map.hasTimer() && start < map.timer() + MemoryArgument.TIMER_BYTES && start + size > map.timer();
    }

    private String notTimer(Value pointer) {
        if (!pointer.may(Kind.MAP_VALUE)) {
            return Wording.nature(pointer) + ", not a timer in a map value";
        }
        boolean misplaced = pointer.isAt(Kind.MAP_VALUE) && pointer.hasOneMap() && analysis.maps().maps().get(pointer.map()).timer() != pointer.min();
        return misplaced ? "offset " + pointer.min() + " of a value of map '" + analysis.maps().nameOf(pointer.map()) +
                        "', where no struct bpf_timer is" : null;
    }

    private static boolean readsDynptr(MemoryAccess access, Value base, State state) {
        if (!StackUse.isFixed(base, access.offset(), access.bytes())) {
            return false;
        }
        int word = State.word(base.depth(), base.min() + access.offset());
        return state.stackWord(word).isDynptr() || word > 0 && state.stackWord(word - 1).isDynptr();
    }

    private static String notDynptr(Argument contract, Value pointer) {
        if (!pointer.may(Kind.STACK)) {
            return Wording.nature(pointer) + ", not the place of a dynptr on the stack";
        }
        return switch (contract) {
            case DYNPTR_OUT -> "a place that is not " + DynptrArgument.BYTES + " bytes of the stack, aligned to 8";
            case DYNPTR_RECORD -> "a place on the stack where no dynptr of a ring buffer record is";
            default -> "a place on the stack where no dynptr is";
        };
    }

    private String call(Prototype helper, State state) {
        for (int i = 0; i < helper.arguments().size(); i++) {
            Argument argument = helper.arguments().get(i);
            Value value = state.register(i + 1);
            String given = "gives " + helper.helperName() + " in r" + (i + 1) + " ";
            if (argument != Argument.OPTIONAL && value.isUnwritten()) {
                return unwritten(state, i + 1);
            }
            if (argument == Argument.CONTEXT && !value.may(Kind.CONTEXT)) {
                return given + Wording.nature(value) + ", not the context";
            }
            if (argument == Argument.CONTEXT && value.isAt(Kind.CONTEXT) && value.min() != 0) {
                return given + "the context moved by " + value.min() + " bytes";
            }
            if (argument == Argument.RECORD && !value.may(Kind.RECORD)) {
                return given + Wording.nature(value) + ", not a record of a ring buffer";
            }
            if (argument == Argument.VALUE_MEMORY && !value.may(Kind.MAP_VALUE)) {
                return given + Wording.nature(value) + ", not a map value";
            }
            if (argument == Argument.TIMER && notTimer(value) != null) {
                return given + notTimer(value);
            }
            if (argument == Argument.MAP && !value.may(Kind.MAP)) {
                return given + Wording.nature(value) + ", not a map";
            }
            if (argument == Argument.MAP && value.isOnly(Kind.MAP) && helper.has(HelperPrototype.Effect.CHANGES_MAP) &&
                            analysis.maps().allowing(value.maps(), false, true) == 0) {
                return "calls " + helper.helperName() + " on map '" + analysis.maps().maps().get(value.map()).name() +
                                "', which is read-only for programs";
            }
        }
        for (DynptrArgument argument : DynptrArgument.of(helper, state)) {
            Value pointer = state.register(argument.register());
            if (argument.words().isEmpty() && !argument.isSample(state) && (pointer.min() == pointer.max() || !pointer.may(Kind.STACK))) {
                return "gives " + helper.helperName() + " in r" + argument.register() + " " + notDynptr(argument.contract(), pointer);
            }
        }
        for (MemoryArgument argument : MemoryArgument.of(helper, state, analysis.maps())) {
            Value pointer = state.register(argument.register());
            String given = "gives " + helper.helperName() + " in r" + argument.register() + " ";
            if (argument.minSize() > 0 && (!isPlainMemory(pointer) || argument.written() && pointer.isOnly(Kind.MAP_KEY))) {
                return given + Wording.nature(pointer) + ", not memory" + (isPlainMemory(pointer) ? " to write" : "");
            }
            String outside = argument.minSize() == 0 ? null : outside(pointer, 0, argument.minSize());
            if (outside != null) {
                return given + outside;
            }
            boolean isTimer = helper.arguments().get(argument.register() - 1) == Argument.TIMER;
            if (!isTimer && argument.minSize() > 0 && touchesTimer(pointer, 0, argument.minSize())) {
                return given + "memory with a struct bpf_timer in it, which only timer helpers may touch";
            }
        }
        return null;
    }
}
