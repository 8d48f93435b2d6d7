package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.ByteOrder;

/** One-operand arithmetic: negation, sign extension and byte order (RFC 9669 sections 4.1 and 4.2). */
abstract class ConversionNode extends ExpressionNode {
    @Child ExpressionNode value;

    ConversionNode(ExpressionNode value) {
        this.value = value;
    }

    static ExpressionNode negate(boolean wide, ExpressionNode value) {
        return wide ? new Negate(value) : new NarrowNegate(value);
    }

    static ExpressionNode signExtend(boolean wide, int bits, ExpressionNode value) {
        return new SignExtend(value, bits, wide ? -1L : 0xffff_ffffL);
    }

    static ExpressionNode order(ByteOrder order, int bits, ExpressionNode value) {
        return order == ByteOrder.LITTLE ? new Truncate(value, bits) : new Swap(value, bits);
    }

    private static final class Negate extends ConversionNode {
        Negate(ExpressionNode value) {
            super(value);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return -value.execute(frame);
        }
    }

    private static final class NarrowNegate extends ConversionNode {
        NarrowNegate(ExpressionNode value) {
            super(value);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return -value.execute(frame) & 0xffff_ffffL;
        }
    }

    private static final class SignExtend extends ConversionNode {
        private final int bits;
        private final long mask;

        SignExtend(ExpressionNode value, int bits, long mask) {
            super(value);
            this.bits = bits;
            this.mask = mask;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Arithmetic.signExtend(value.execute(frame), bits) & mask;
        }
    }

    private static final class Truncate extends ConversionNode {
        private final int unused;

        Truncate(ExpressionNode value, int bits) {
            super(value);
            this.unused = 64 - bits;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return value.execute(frame) << unused >>> unused;
        }
    }

    private static final class Swap extends ConversionNode {
        private final int unused;

        Swap(ExpressionNode value, int bits) {
            super(value);
            this.unused = 64 - bits;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Long.reverseBytes(value.execute(frame)) >>> unused;
        }
    }
}
