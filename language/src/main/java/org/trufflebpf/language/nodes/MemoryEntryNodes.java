package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** What r1 and r2 hold when a program starts on a bare memory block, which then stands in for the packet. */
final class MemoryEntryNodes {
    private MemoryEntryNodes() {
    }

    /** 0 for an empty block. */
    static final class Address extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            long data = frame.getLongStatic(FrameLayout.DATA);
            return data == frame.getLongStatic(FrameLayout.DATA_END) ? 0 : data;
        }
    }

    static final class Length extends ExpressionNode {
        @Override
        public long execute(VirtualFrame frame) {
            return frame.getLongStatic(FrameLayout.DATA_END) - frame.getLongStatic(FrameLayout.DATA);
        }
    }
}
