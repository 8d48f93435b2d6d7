package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.verifier.ContextField;

/** Loads from struct xdp_md, which exists nowhere: each field is read where it lives, as the kernel's rewritten loads do. */
final class ContextNodes {
    private ContextNodes() {
    }

    static ExpressionNode load(ContextField field) {
        return switch (field) {
            case DATA -> new SlotNodes.Read(FrameLayout.DATA);
            case DATA_END -> new SlotNodes.Read(FrameLayout.DATA_END);
            case DATA_META -> new SlotNodes.Read(FrameLayout.DATA_META);
            case INGRESS_IFINDEX -> new BurstField(Burst.INGRESS_IFINDEX);
            case RX_QUEUE_INDEX -> new BurstField(Burst.RX_QUEUE);
            case EGRESS_IFINDEX -> new BurstField(Burst.EGRESS_IFINDEX);
        };
    }

    private static final class BurstField extends ExpressionNode {
        private final int offset;

        BurstField(int offset) {
            this.offset = offset;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Memory.getInt(frame.getLongStatic(FrameLayout.BURST) + offset));
        }
    }

    /** A load whose base is the context on some paths and another pointer on others. */
    static final class MixedLoad extends ExpressionNode {
        @Child private ExpressionNode base;
        @Children private final ExpressionNode[] fields = new ExpressionNode[ContextField.values().length];
        @Child private ExpressionNode otherwise;
        private final long offset;

        MixedLoad(ExpressionNode base, long offset, ExpressionNode otherwise) {
            this.base = base;
            this.offset = offset;
            this.otherwise = otherwise;
            for (ContextField field : ContextField.values()) {
                fields[field.ordinal()] = load(field);
            }
        }

        @Override
        @ExplodeLoop
        public long execute(VirtualFrame frame) {
            long place = base.execute(frame) + offset - FrameLayout.CONTEXT_HANDLE;
            for (int i = 0; i < fields.length; i++) {
                if (place == 4L * i) {
                    return fields[i].execute(frame);
                }
            }
            return otherwise.execute(frame);
        }
    }
}
