package org.trufflebpf.language.verifier;

import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.verifier.HelperPrototype.Argument;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Finds what is wrong whatever the packet: a fault that every value has which the analysis allows at an instruction. It looks only where a single
 * path leads, because behind a merge what is known mixes paths, and a fault on one of them may be impossible for a reason that the analysis
 * does not see.
 */
final class CertainFaults {
    private static final int FRAME = 8 * State.WORDS_PER_FRAME;
    /** No packet is longer, in bytes. */
    private static final int MAX_PACKET = 0xffff;

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
            case Terminator.Branch branch -> unwritten(end, Operands.reads(new Instruction.Branch(branch.condition(), branch.wide(), branch.left(), branch.right(), 0)));
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
        return wrong == null && instruction instanceof Instruction.CallHelper call ? call(HelperPrototype.of(call.helper()).orElseThrow(), state) : wrong;
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
        if (base.isOnly(Kind.CONTEXT)) {
            return access.writes() ? "writes to the context, which is read-only" : contextFault(access, base, signed);
        }
        if (base.isOnly(Kind.STACK) && isOutside(base, access.offset(), access.bytes(), -FRAME, 0)) {
            return verb + access.bytes() + " bytes at " + name + bounds(base, access.offset()) + ", outside the stack frame of " + FRAME + " bytes";
        }
        if (base.isOnly(Kind.MAP_VALUE) && isOutside(base, access.offset(), access.bytes(), 0, analysis.maps().largestValue(base.maps()))) {
            return verb + access.bytes() + " bytes at " + bounds(base, access.offset()).substring(1) + " of a map value of " +
                            analysis.maps().largestValue(base.maps()) + " bytes";
        }
        if (base.isOnly(Kind.MAP_VALUE) && analysis.maps().allowing(base.maps(), access.reads(), access.writes()) == 0) {
            return verb + "a value of map '" + analysis.maps().maps().get(base.map()).name() + "', which forbids it to programs";
        }
        if (base.isOnly(Kind.PACKET) && isOutside(base, access.offset(), access.bytes(), -MAX_PACKET, MAX_PACKET)) {
            return verb + "packet byte " + bounds(base, access.offset()) + ", which no packet has";
        }
        return isNoMemory(base) ? verb + "memory through " + name + ", which is " + nature(base) : null;
    }

    private static String contextFault(MemoryAccess access, Value base, boolean signed) {
        ContextField field = base.min() == base.max() ? ContextField.at(base.min() + access.offset()) : null;
        if (signed && field != null && field.isPointer()) {
            return "loads a pointer of the context with its sign extended";
        }
        boolean fits = access.size() == Size.WORD && (base.min() != base.max() || field != null);
        return fits ? null : "reads " + access.bytes() + " bytes at offset " + (base.min() + access.offset()) + " of the context, where no field of struct xdp_md begins or ends so";
    }

    private static boolean isNoMemory(Value base) {
        return !base.may(Kind.CONTEXT) && !base.may(Kind.PACKET) && !base.may(Kind.STACK) && !base.may(Kind.MAP_VALUE) && !base.may(Kind.RECORD);
    }

    private static String nature(Value value) {
        if (value.isConstant()) {
            return "the number " + value.min();
        }
        if (value.isOnly(Kind.MAP)) {
            return "a map, not one of its values: look the value up with bpf_map_lookup_elem";
        }
        return value.isOnly(Kind.PACKET_END) ? "the end of the packet" : "a number, not a pointer";
    }

    private static boolean isOutside(Value base, long offset, long size, long low, long high) {
        return base.min() > high - size - offset || base.max() < low - offset;
    }

    private static String bounds(Value base, long offset) {
        boolean unknown = base.min() == Long.MIN_VALUE || base.max() == Long.MAX_VALUE;
        return unknown ? " an unknown offset" : base.min() == base.max() ? String.format("%+d", base.min() + offset)
                        : String.format("%+d to %+d", base.min() + offset, base.max() + offset);
    }

    private String call(HelperPrototype helper, State state) {
        for (int i = 0; i < helper.arguments().size(); i++) {
            Argument argument = helper.arguments().get(i);
            Value value = state.register(i + 1);
            String given = "gives " + helper.helperName() + " in r" + (i + 1) + " ";
            if (argument != Argument.OPTIONAL && value.isUnwritten()) {
                return unwritten(state, i + 1);
            }
            if (argument == Argument.CONTEXT && !value.may(Kind.CONTEXT)) {
                return given + nature(value) + ", not the context";
            }
            if (argument == Argument.CONTEXT && value.isAt(Kind.CONTEXT) && value.min() != 0) {
                return given + "the context moved by " + value.min() + " bytes";
            }
            if (argument == Argument.RECORD && !value.may(Kind.RECORD)) {
                return given + nature(value) + ", not a record of a ring buffer";
            }
            if (argument == Argument.MAP && !value.may(Kind.MAP)) {
                return given + nature(value) + ", not a map";
            }
            if (argument == Argument.MAP && value.isOnly(Kind.MAP) && helper.changesMap() && analysis.maps().allowing(value.maps(), false, true) == 0) {
                return "calls " + helper.helperName() + " on map '" + analysis.maps().maps().get(value.map()).name() + "', which is read-only for programs";
            }
        }
        for (MemoryArgument argument : MemoryArgument.of(helper, state, analysis.maps())) {
            Value pointer = state.register(argument.register());
            if (argument.minSize() > 0 && isNoMemory(pointer)) {
                return "gives " + helper.helperName() + " in r" + argument.register() + " " + nature(pointer) + ", not memory";
            }
            if (pointer.isOnly(Kind.STACK) && argument.minSize() > 0 && isOutside(pointer, 0, argument.minSize(), -FRAME, 0)) {
                return "gives " + helper.helperName() + " " + argument.minSize() + " bytes at r" + argument.register() + " = r10" + bounds(pointer, 0) +
                                ", outside the stack frame of " + FRAME + " bytes";
            }
        }
        return null;
    }
}
