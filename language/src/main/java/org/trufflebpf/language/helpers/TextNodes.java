package org.trufflebpf.language.helpers;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.nodes.ExpressionNode;

/** Helpers on texts. */
public final class TextNodes {
    private TextNodes() {
    }

    /** bpf_strtol where {@code signed}, else bpf_strtoul. */
    public static ExpressionNode parse(boolean signed, ExpressionNode text, ExpressionNode size, ExpressionNode flags, ExpressionNode result) {
        return new Parse(signed, text, size, flags, result);
    }

    private static final class Parse extends ExpressionNode {
        private final boolean signed;
        @Child private ExpressionNode text;
        @Child private ExpressionNode size;
        @Child private ExpressionNode flags;
        @Child private ExpressionNode result;

        Parse(boolean signed, ExpressionNode text, ExpressionNode size, ExpressionNode flags, ExpressionNode result) {
            this.signed = signed;
            this.text = text;
            this.size = size;
            this.flags = flags;
            this.result = result;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long address = text.execute(frame);
            long length = size.execute(frame);
            return parse(address, length, flags.execute(frame), result.execute(frame));
        }

        @TruffleBoundary
        private long parse(long address, long length, long bits, long target) {
            NumberText number = NumberText.parse(address, length, bits, signed);
            Memory.putLong(target, number.value());
            return number.result();
        }
    }

    /** bpf_strncmp. */
    public static final class Compare extends ExpressionNode {
        @Child private ExpressionNode left;
        @Child private ExpressionNode leftSize;
        @Child private ExpressionNode right;
        private final int rightSize;

        /** @param rightSize readable bytes at {@code right} */
        public Compare(ExpressionNode left, ExpressionNode leftSize, ExpressionNode right, int rightSize) {
            this.left = left;
            this.leftSize = leftSize;
            this.right = right;
            this.rightSize = rightSize;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long a = left.execute(frame);
            long size = leftSize.execute(frame);
            long b = right.execute(frame);
            for (long i = 0; i < size; i++) {
                int x = Memory.getByte(a + i) & 0xff;
                // The kernel has checked that there is a zero byte; whoever wrote over it since then finds the value's end instead.
                int y = i < rightSize ? Memory.getByte(b + i) & 0xff : 0;
                if (x != y) {
                    return x < y ? -1 : 1;
                }
                if (x == 0) {
                    return 0;
                }
            }
            return 0;
        }
    }
}
