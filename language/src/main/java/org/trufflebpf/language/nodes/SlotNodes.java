package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.List;

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

    /** Bytes of a slot, little-endian as in memory. */
    static final class ReadPart extends ExpressionNode {
        private final int slot;
        private final int left;
        private final int right;
        private final boolean signed;

        /** @param first the first byte's place in the slot, 0 to 7; {@code first + size <= 8} */
        ReadPart(int slot, int first, int size, boolean signed) {
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

    /** Spreads the bytes of a value over slots. */
    static final class WriteParts extends StatementNode {
        @CompilationFinal(dimensions = 1) private final Piece[] pieces;
        @Child private ExpressionNode value;

        /**
         * What one slot gets.
         *
         * @param kept its bits that stay
         * @param from the lowest bit of the value that goes there
         * @param mask those bits, moved down
         * @param to where they go in the slot
         */
        record Piece(int slot, long kept, int from, long mask, int to) {
        }

        WriteParts(List<Piece> pieces, ExpressionNode value) {
            this.pieces = pieces.toArray(Piece[]::new);
            this.value = value;
        }

        @Override
        @ExplodeLoop
        public void execute(VirtualFrame frame) {
            long bits = value.execute(frame);
            for (Piece piece : pieces) {
                frame.setLongStatic(piece.slot, frame.getLongStatic(piece.slot) & piece.kept | (bits >>> piece.from & piece.mask) << piece.to);
            }
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
