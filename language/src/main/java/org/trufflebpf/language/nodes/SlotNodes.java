package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;

/** Access to the frame slots that hold registers, stack words and the packet's bounds. */
public final class SlotNodes {
    private SlotNodes() {
    }

    public static final class Read extends ExpressionNode {
        private final int slot;

        public Read(int slot) {
            this.slot = slot;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return frame.getLongStatic(slot);
        }
    }

    public static final class Write extends StatementNode {
        private final int slot;
        @Child private ExpressionNode value;

        public Write(int slot, ExpressionNode value) {
            this.slot = slot;
            this.value = value;
        }

        @Override
        public void execute(VirtualFrame frame) {
            frame.setLongStatic(slot, value.execute(frame));
        }
    }

    /** Bytes of a stack word, little-endian as in memory. */
    public static final class ReadPart extends ExpressionNode {
        private final int slot;
        private final int left;
        private final int right;
        private final boolean signed;

        /** @param first the first byte's place in the word, 0 to 7; {@code first + size <= 8} */
        public ReadPart(int slot, int first, int size, boolean signed) {
            this.slot = slot;
            this.left = 64 - 8 * (first + size);
            this.right = 64 - 8 * size;
            this.signed = signed;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long shifted = frame.getLongStatic(slot) << left;
            return signed ? shifted >> right : shifted >>> right;
        }
    }

    public static final class WritePart extends StatementNode {
        private final int slot;
        private final int shift;
        private final long mask;
        @Child private ExpressionNode value;

        /** @param first the first byte's place in the word, 0 to 7; {@code first + size <= 8} */
        public WritePart(int slot, int first, int size, ExpressionNode value) {
            this.slot = slot;
            this.shift = 8 * first;
            this.mask = -1L >>> 64 - 8 * size;
            this.value = value;
        }

        @Override
        public void execute(VirtualFrame frame) {
            long rest = frame.getLongStatic(slot) & ~(mask << shift);
            frame.setLongStatic(slot, rest | (value.execute(frame) & mask) << shift);
        }
    }

    /** Zeroes what is not read any more, so that it makes no phi where paths meet. */
    public static final class Clear extends StatementNode {
        @CompilationFinal(dimensions = 1) private final int[] slots;

        public Clear(int[] slots) {
            this.slots = slots;
        }

        @Override
        @ExplodeLoop
        public void execute(VirtualFrame frame) {
            for (int slot : slots) {
                frame.setLongStatic(slot, 0);
            }
        }
    }
}
