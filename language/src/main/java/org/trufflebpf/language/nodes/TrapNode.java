package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** Where whatever the program holds is wrong. */
final class TrapNode extends ExpressionNode {
    private final TrapSite trap;

    TrapNode(TrapSite trap) {
        this.trap = trap;
    }

    @Override
    public long execute(VirtualFrame frame) {
        throw trap.trap(frame);
    }
}
