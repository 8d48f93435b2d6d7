package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.maps.RingMap;

/** bpf_ringbuf_reserve in a ring that the program names. */
final class ReserveNode extends ExpressionNode {
    private final RingMap ring;
    @Child private ExpressionNode size;
    @Child private ExpressionNode flags;

    ReserveNode(RingMap ring, ExpressionNode size, ExpressionNode flags) {
        this.ring = ring;
        this.size = size;
        this.flags = flags;
    }

    @Override
    public long execute(VirtualFrame frame) {
        return Rings.reserve(frame, ring, size.execute(frame), flags.execute(frame));
    }
}
