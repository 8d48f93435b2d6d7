package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;
import org.trufflebpf.language.nodes.FrameLayout;
import org.trufflebpf.maps.Errno;

/** Kernel functions that ask what the network card knows of the packet (Documentation/networking/xdp-rx-metadata.rst). */
public final class MetadataNodes {
    private MetadataNodes() {
    }

    /** bpf_xdp_metadata_rx_timestamp: nanoseconds since 1970, or -ENODATA for a packet without one. */
    public static final class Timestamp extends ExpressionNode {
        @Child private ExpressionNode target;

        /** @param target eight bytes that the program may write */
        public Timestamp(ExpressionNode target) {
            this.target = target;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = target.execute(frame);
            long time = Memory.getLong(frame.getLongStatic(FrameLayout.DESCRIPTOR) + Burst.TIMESTAMP);
            if (time == 0) {
                return -Errno.ENODATA;
            }
            Memory.putLong(address, time);
            return 0;
        }
    }

    /** What no port knows: the kernel's answer where a driver does not. */
    public static final class Unknown extends ExpressionNode {
        @Children private final ExpressionNode[] targets;

        /** @param targets memory that the program may write, which stays as it is */
        public Unknown(ExpressionNode... targets) {
            this.targets = targets;
        }

        @Override
        @ExplodeLoop
        public long execute(VirtualFrame frame) {
            for (ExpressionNode target : targets) {
                target.execute(frame);
            }
            return -Errno.EOPNOTSUPP;
        }
    }
}
