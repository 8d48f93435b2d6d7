package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;
import org.trufflebpf.language.isa.Instruction.Condition;

/** A comparison that ends a block (RFC 9669 section 4.3). */
abstract class ConditionNode extends Node {
    @Child ExpressionNode left;
    @Child ExpressionNode right;

    ConditionNode(ExpressionNode left, ExpressionNode right) {
        this.left = left;
        this.right = right;
    }

    abstract boolean execute(VirtualFrame frame);

    static ConditionNode create(Condition condition, boolean wide, ExpressionNode left, ExpressionNode right) {
        return wide ? createWide(condition, left, right) : createNarrow(condition, left, right);
    }

    private static ConditionNode createWide(Condition condition, ExpressionNode left, ExpressionNode right) {
        return switch (condition) {
            case EQ -> new Equal(left, right);
            case NE -> new NotEqual(left, right);
            case GT -> new Above(left, right);
            case GE -> new NotBelow(left, right);
            case LT -> new Above(right, left);
            case LE -> new NotBelow(right, left);
            case SGT -> new Greater(left, right);
            case SGE -> new NotLess(left, right);
            case SLT -> new Greater(right, left);
            case SLE -> new NotLess(right, left);
            case SET -> new Set(left, right);
        };
    }

    private static ConditionNode createNarrow(Condition condition, ExpressionNode left, ExpressionNode right) {
        return switch (condition) {
            case EQ -> new NarrowEqual(left, right);
            case NE -> new NarrowNotEqual(left, right);
            case GT -> new NarrowAbove(left, right);
            case GE -> new NarrowNotBelow(left, right);
            case LT -> new NarrowAbove(right, left);
            case LE -> new NarrowNotBelow(right, left);
            case SGT -> new NarrowGreater(left, right);
            case SGE -> new NarrowNotLess(left, right);
            case SLT -> new NarrowGreater(right, left);
            case SLE -> new NarrowNotLess(right, left);
            case SET -> new NarrowSet(left, right);
        };
    }

    private static final class Equal extends ConditionNode {
        Equal(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return left.execute(frame) == right.execute(frame);
        }
    }

    private static final class NarrowEqual extends ConditionNode {
        NarrowEqual(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return (int) left.execute(frame) == (int) right.execute(frame);
        }
    }

    private static final class NotEqual extends ConditionNode {
        NotEqual(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return left.execute(frame) != right.execute(frame);
        }
    }

    private static final class NarrowNotEqual extends ConditionNode {
        NarrowNotEqual(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return (int) left.execute(frame) != (int) right.execute(frame);
        }
    }

    private static final class Above extends ConditionNode {
        Above(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return Long.compareUnsigned(left.execute(frame), right.execute(frame)) > 0;
        }
    }

    private static final class NarrowAbove extends ConditionNode {
        NarrowAbove(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return Integer.compareUnsigned((int) left.execute(frame), (int) right.execute(frame)) > 0;
        }
    }

    private static final class NotBelow extends ConditionNode {
        NotBelow(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return Long.compareUnsigned(left.execute(frame), right.execute(frame)) >= 0;
        }
    }

    private static final class NarrowNotBelow extends ConditionNode {
        NarrowNotBelow(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return Integer.compareUnsigned((int) left.execute(frame), (int) right.execute(frame)) >= 0;
        }
    }

    private static final class Greater extends ConditionNode {
        Greater(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return left.execute(frame) > right.execute(frame);
        }
    }

    private static final class NarrowGreater extends ConditionNode {
        NarrowGreater(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return (int) left.execute(frame) > (int) right.execute(frame);
        }
    }

    private static final class NotLess extends ConditionNode {
        NotLess(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return left.execute(frame) >= right.execute(frame);
        }
    }

    private static final class NarrowNotLess extends ConditionNode {
        NarrowNotLess(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return (int) left.execute(frame) >= (int) right.execute(frame);
        }
    }

    private static final class Set extends ConditionNode {
        Set(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return (left.execute(frame) & right.execute(frame)) != 0;
        }
    }

    private static final class NarrowSet extends ConditionNode {
        NarrowSet(ExpressionNode left, ExpressionNode right) {
            super(left, right);
        }

        @Override
        boolean execute(VirtualFrame frame) {
            return ((int) left.execute(frame) & (int) right.execute(frame)) != 0;
        }
    }
}
