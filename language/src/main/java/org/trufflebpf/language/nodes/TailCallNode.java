package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.ProgramArrayMap;

/** bpf_tail_call: ends the program if there is one to go on with, else the program goes on itself. */
final class TailCallNode extends ExpressionNode {
    /** In r0 after a tail call that was not taken; the kernel's verifier lets nobody read it. */
    private static final long NOT_TAKEN = -1;

    private final ProgramArrayMap programs;
    @Child private ExpressionNode index;

    TailCallNode(ProgramArrayMap programs, ExpressionNode index) {
        this.programs = programs;
        this.index = index;
    }

    @Override
    public long execute(VirtualFrame frame) {
        int program = programs.programId((int) index.execute(frame));
        if (program != 0 && ((Worker) frame.getArguments()[0]).requestTailCall(program)) {
            throw TailCallException.INSTANCE;
        }
        return NOT_TAKEN;
    }
}
