package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.UserRingMap;

/** The steps of bpf_user_ringbuf_drain. Senders do not sleep here, so the flags for waking them change nothing. */
final class DrainNodes {
    private DrainNodes() {
    }

    static final class Begin extends ExpressionNode {
        private final UserRingMap ring;
        @Child private ExpressionNode flags;

        Begin(UserRingMap ring, ExpressionNode flags) {
            this.ring = ring;
            this.flags = flags;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long error = ring.beginDrain(flags.execute(frame));
            if (error == 0) {
                ((Worker) frame.getArguments()[0]).beginDrain(ring);
            }
            return error;
        }
    }

    /** The sample's address, or 0. */
    static final class Next extends ExpressionNode {
        private final UserRingMap ring;
        @Child private ExpressionNode count;

        Next(UserRingMap ring, ExpressionNode count) {
            this.ring = ring;
            this.count = count;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return count.execute(frame) < UserRingMap.MAX_SAMPLES ? ring.nextSample() : 0;
        }
    }

    static final class Release extends ExpressionNode {
        private final UserRingMap ring;

        Release(UserRingMap ring) {
            this.ring = ring;
        }

        @Override
        public long execute(VirtualFrame frame) {
            ring.releaseSample(ring.sample());
            return 0;
        }
    }

    static final class End extends ExpressionNode {
        private final UserRingMap ring;

        End(UserRingMap ring) {
            this.ring = ring;
        }

        @Override
        public long execute(VirtualFrame frame) {
            ((Worker) frame.getArguments()[0]).endDrain(ring);
            ring.endDrain();
            return 0;
        }
    }
}
