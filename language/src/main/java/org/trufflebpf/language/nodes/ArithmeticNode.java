package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.AluOperation;

/** Two-operand arithmetic, a class per operation and width (RFC 9669 section 4.1). Shifts take the count modulo the width, as Java's do. */
abstract class ArithmeticNode extends ExpressionNode {
    @Child ExpressionNode left;
    @Child ExpressionNode right;

    ArithmeticNode(ExpressionNode left, ExpressionNode right) {
        this.left = left;
        this.right = right;
    }

    static ExpressionNode create(AluOperation operation, boolean wide, ExpressionNode left, ExpressionNode right) {
        return wide ? createWide(operation, left, right) : createNarrow(operation, left, right);
    }

    private static ExpressionNode createWide(AluOperation operation, ExpressionNode left, ExpressionNode right) {
        return switch (operation) {
            case ADD -> new Add(left, right);
            case SUB -> new Subtract(left, right);
            case MUL -> new Multiply(left, right);
            case DIV -> new Divide(left, right);
            case SDIV -> new DivideSigned(left, right);
            case MOD -> new Modulo(left, right);
            case SMOD -> new ModuloSigned(left, right);
            case OR -> new Or(left, right);
            case AND -> new And(left, right);
            case XOR -> new ExclusiveOr(left, right);
            case LSH -> new ShiftLeft(left, right);
            case RSH -> new ShiftRight(left, right);
            case ARSH -> new ShiftRightSigned(left, right);
            case MOV -> right;
        };
    }

    private static ExpressionNode createNarrow(AluOperation operation, ExpressionNode left, ExpressionNode right) {
        return switch (operation) {
            case ADD -> new NarrowAdd(left, right);
            case SUB -> new NarrowSubtract(left, right);
            case MUL -> new NarrowMultiply(left, right);
            case DIV -> new NarrowDivide(left, right);
            case SDIV -> new NarrowDivideSigned(left, right);
            case MOD -> new NarrowModulo(left, right);
            case SMOD -> new NarrowModuloSigned(left, right);
            case OR -> new NarrowOr(left, right);
            case AND -> new NarrowAnd(left, right);
            case XOR -> new NarrowExclusiveOr(left, right);
            case LSH -> new NarrowShiftLeft(left, right);
            case RSH -> new NarrowShiftRight(left, right);
            case ARSH -> new NarrowShiftRightSigned(left, right);
            case MOV -> new LowHalf(right);
        };
    }

    private static final class Add extends ArithmeticNode {
        Add(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) + right.execute(frame);
        }
    }

    private static final class NarrowAdd extends ArithmeticNode {
        NarrowAdd(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) + (int) right.execute(frame));
        }
    }

    private static final class Subtract extends ArithmeticNode {
        Subtract(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) - right.execute(frame);
        }
    }

    private static final class NarrowSubtract extends ArithmeticNode {
        NarrowSubtract(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) - (int) right.execute(frame));
        }
    }

    private static final class Multiply extends ArithmeticNode {
        Multiply(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) * right.execute(frame);
        }
    }

    private static final class NarrowMultiply extends ArithmeticNode {
        NarrowMultiply(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) * (int) right.execute(frame));
        }
    }

    private static final class Or extends ArithmeticNode {
        Or(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) | right.execute(frame);
        }
    }

    private static final class NarrowOr extends ArithmeticNode {
        NarrowOr(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) | (int) right.execute(frame));
        }
    }

    private static final class And extends ArithmeticNode {
        And(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) & right.execute(frame);
        }
    }

    private static final class NarrowAnd extends ArithmeticNode {
        NarrowAnd(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) & (int) right.execute(frame));
        }
    }

    private static final class ExclusiveOr extends ArithmeticNode {
        ExclusiveOr(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) ^ right.execute(frame);
        }
    }

    private static final class NarrowExclusiveOr extends ArithmeticNode {
        NarrowExclusiveOr(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) ^ (int) right.execute(frame));
        }
    }

    private static final class ShiftLeft extends ArithmeticNode {
        ShiftLeft(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) << right.execute(frame);
        }
    }

    private static final class NarrowShiftLeft extends ArithmeticNode {
        NarrowShiftLeft(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) << (int) right.execute(frame));
        }
    }

    private static final class ShiftRight extends ArithmeticNode {
        ShiftRight(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) >>> right.execute(frame);
        }
    }

    private static final class NarrowShiftRight extends ArithmeticNode {
        NarrowShiftRight(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) >>> (int) right.execute(frame));
        }
    }

    private static final class ShiftRightSigned extends ArithmeticNode {
        ShiftRightSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return left.execute(frame) >> right.execute(frame);
        }
    }

    private static final class NarrowShiftRightSigned extends ArithmeticNode {
        NarrowShiftRightSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong((int) left.execute(frame) >> (int) right.execute(frame));
        }
    }

    private static final class Divide extends ArithmeticNode {
        Divide(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Arithmetic.divide(left.execute(frame), right.execute(frame));
        }
    }

    private static final class NarrowDivide extends ArithmeticNode {
        NarrowDivide(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Arithmetic.divide((int) left.execute(frame), (int) right.execute(frame)));
        }
    }

    private static final class DivideSigned extends ArithmeticNode {
        DivideSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Arithmetic.divideSigned(left.execute(frame), right.execute(frame));
        }
    }

    private static final class NarrowDivideSigned extends ArithmeticNode {
        NarrowDivideSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Arithmetic.divideSigned((int) left.execute(frame), (int) right.execute(frame)));
        }
    }

    private static final class Modulo extends ArithmeticNode {
        Modulo(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Arithmetic.modulo(left.execute(frame), right.execute(frame));
        }
    }

    private static final class NarrowModulo extends ArithmeticNode {
        NarrowModulo(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Arithmetic.modulo((int) left.execute(frame), (int) right.execute(frame)));
        }
    }

    private static final class ModuloSigned extends ArithmeticNode {
        ModuloSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Arithmetic.moduloSigned(left.execute(frame), right.execute(frame));
        }
    }

    private static final class NarrowModuloSigned extends ArithmeticNode {
        NarrowModuloSigned(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        public long execute(VirtualFrame frame) {
            return Integer.toUnsignedLong(Arithmetic.moduloSigned((int) left.execute(frame), (int) right.execute(frame)));
        }
    }

    /** A narrow move: the low 32 bits, zero-extended. */
    private static final class LowHalf extends ExpressionNode {
        @Child private ExpressionNode value;

        LowHalf(ExpressionNode value) {
            this.value = value;
        }

        @Override
        public long execute(VirtualFrame frame) {
            return value.execute(frame) & 0xffff_ffffL;
        }
    }
}
