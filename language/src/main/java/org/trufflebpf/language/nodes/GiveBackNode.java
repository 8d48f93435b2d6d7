package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** bpf_ringbuf_submit and bpf_ringbuf_discard. */
final class GiveBackNode extends ExpressionNode {
    private final boolean submits;
    private final Rings rings;
    @Child private ExpressionNode record;
    @Child private ExpressionNode flags;
    private final TrapSite trap;

    GiveBackNode(boolean submits, Rings rings, ExpressionNode record, ExpressionNode flags, TrapSite trap) {
        this.submits = submits;
        this.rings = rings;
        this.record = record;
        this.flags = flags;
        this.trap = trap;
    }

    @Override
    public long execute(VirtualFrame frame) {
        long address = record.execute(frame);
        long bits = flags.execute(frame);
        if (!rings.giveBack(frame, submits, address, bits)) {
            throw trap.trap(frame);
        }
        return 0;
    }
}
