package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.RingMap;

/** bpf_ringbuf_submit and bpf_ringbuf_discard. */
final class GiveBackNode extends ExpressionNode {
    private final boolean submits;
    /** Those that the record can belong to. */
    @CompilationFinal(dimensions = 1) private final RingMap[] rings;
    @Child private ExpressionNode record;
    @Child private ExpressionNode flags;
    private final TrapSite trap;

    GiveBackNode(boolean submits, RingMap[] rings, ExpressionNode record, ExpressionNode flags, TrapSite trap) {
        this.submits = submits;
        this.rings = rings;
        this.record = record;
        this.flags = flags;
        this.trap = trap;
    }

    @Override
    @ExplodeLoop
    public long execute(VirtualFrame frame) {
        int cpu = ((Worker) frame.getArguments()[0]).cpu();
        long address = record.execute(frame);
        long bits = flags.execute(frame);
        for (RingMap ring : rings) {
            if (submits ? ring.submit(address, bits, cpu) : ring.discard(address, bits, cpu)) {
                return 0;
            }
        }
        throw trap.trap(frame);
    }
}
