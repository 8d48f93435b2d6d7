package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.frame.VirtualFrame;

/** The bound on loops: a packet may take so many back edges, so no program runs for ever. */
final class BudgetNodes {
    private BudgetNodes() {
    }

    /** On every back edge; also where {@code Context.close(true)} and debuggers get hold of a running loop. */
    static final class BackEdge extends StatementNode {
        private final TrapSite trap;

        BackEdge(TrapSite trap) {
            this.trap = trap;
        }

        @Override
        public void execute(VirtualFrame frame) {
            long left = frame.getLongStatic(FrameLayout.BUDGET) - 1;
            frame.setLongStatic(FrameLayout.BUDGET, left);
            if (left < 0) {
                throw trap.trap(frame);
            }
            TruffleSafepoint.poll(this);
        }
    }

    /** may_goto: true when only {@code reserve} is left, which is for the loops after this one. */
    static final class Exhausted extends ConditionNode {
        Exhausted(long reserve) {
            super(new SlotNodes.Read(FrameLayout.BUDGET), new ConstantNode(reserve));
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return left.execute(frame) < right.execute(frame);
        }
    }
}
