package org.trufflebpf.language.optimizer;

import java.util.BitSet;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.HelperPrototype;
import org.trufflebpf.language.verifier.Proof;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * The record of a ring buffer that was reserved last, and which of its bytes nobody has written yet: those are zero, because consumers leave zeros behind.
 * Programs written for the kernel, whose records hold what was there before, clear them first.
 */
final class FreshRecord {
    private final Analysis analysis;
    /** What values that lead to it have as {@link Value#id}; 0 if there is none. */
    private int id;
    /** Whether the last step reserved it: the id is in the state that follows. */
    private boolean isNew;
    private final BitSet written = new BitSet();

    private FreshRecord(Analysis analysis) {
        this.analysis = analysis;
    }

    /** Where a reached block begins. Its only predecessor may have reserved the record and asked whether there is one. */
    static FreshRecord at(Analysis analysis, int[][] predecessors, int block) {
        FreshRecord record = new FreshRecord(analysis);
        int before = predecessors[block].length == 1 ? predecessors[block][0] : block;
        if (before < block && analysis.graph().blocks().get(before).terminator() instanceof Terminator.Branch branch && reserves(analysis, before)) {
            State end = analysis.replay(before, record::visit);
            record.learn(end);
            // States may give it other ids, but the register that was asked holds the same.
            record.id = record.id != 0 && end.register(branch.left()).id() == record.id ? analysis.entry(block).register(branch.left()).id() : 0;
        }
        return record;
    }

    private static boolean reserves(Analysis analysis, int block) {
        return analysis.graph().blocks().get(block).steps().stream().anyMatch(step -> reserves(step.instruction()));
    }

    private static boolean reserves(Instruction instruction) {
        return instruction instanceof Instruction.CallHelper call && HelperPrototype.of(call.helper()).filter(HelperPrototype.RINGBUF_RESERVE::equals).isPresent();
    }

    /** @param state before the step */
    void visit(Step step, State state) {
        learn(state);
        MemoryAccess access = Operands.access(step.instruction());
        if (reserves(step.instruction())) {
            id = 0;
            isNew = true;
            written.clear();
        } else if (step.instruction() instanceof Instruction.CallHelper || step.instruction() instanceof Instruction.CallKfunc) {
            id = 0;
        } else if (access != null && access.writes()) {
            write(access, state);
        }
    }

    private void learn(State state) {
        if (isNew) {
            id = state.register(Registers.RESULT).id();
            isNew = false;
        }
    }

    private void write(MemoryAccess access, State state) {
        Value base = state.register(access.base());
        if (isInside(base, access)) {
            int first = (int) base.min() + access.offset();
            written.set(first, first + access.bytes());
        } else if (base.may(Kind.RECORD) || !Proof.holds(state, analysis.maps(), base, access.offset(), access.bytes(), access.reads(), true)) {
            // It may be this record, whatever the address is.
            id = 0;
        }
    }

    private boolean isInside(Value base, MemoryAccess access) {
        return id != 0 && base.id() == id && base.isAt(Kind.RECORD) && base.isInSized(access.offset(), access.bytes());
    }

    /** Whether the memory of a store is known to be zero before it. */
    boolean isZero(MemoryAccess access, State state) {
        Value base = state.register(access.base());
        if (!isInside(base, access)) {
            return false;
        }
        int next = written.nextSetBit((int) base.min() + access.offset());
        return next < 0 || next >= base.min() + access.offset() + access.bytes();
    }
}
