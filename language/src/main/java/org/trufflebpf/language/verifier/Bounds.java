package org.trufflebpf.language.verifier;

import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Condition;

/** Interval arithmetic on scalars: the smallest bounds that are cheap to know, never too small ones. */
final class Bounds {
    private static final long UNSIGNED_32 = 0xffff_ffffL;

    private Bounds() {
    }

    static Value evaluate(AluOperation operation, boolean wide, Value left, Value right) {
        if (left.isConstant() && right.isConstant()) {
            return Value.constant(Arithmetic.evaluate(operation, wide, left.min(), right.min()));
        }
        if (!wide) {
            return narrow(operation, truncate(left), truncate(right));
        }
        return switch (operation) {
            case ADD -> add(left.min(), left.max(), right.min(), right.max());
            case SUB -> right.min() == Long.MIN_VALUE ? Value.ANY_SCALAR : add(left.min(), left.max(), -right.max(), -right.min());
            default -> left.min() >= 0 && right.min() >= 0 ? nonNegative(operation, left, right, Long.MAX_VALUE) : oneSided(operation, left, right);
        };
    }

    /** The value as a narrow operation sees it, zero-extended. */
    static Value truncate(Value value) {
        if (value.isOnly(Value.Kind.SCALAR)) {
            if (value.min() >= 0 && value.max() <= UNSIGNED_32) {
                return value;
            }
            if (value.isConstant()) {
                return Value.constant(value.min() & UNSIGNED_32);
            }
        }
        return Value.unsigned(32);
    }

    private static Value narrow(AluOperation operation, Value left, Value right) {
        Value result = switch (operation) {
            case LSH, RSH -> nonNegative(operation, left, narrowCount(right), UNSIGNED_32);
            case ADD -> Value.scalar(left.min() + right.min(), left.max() + right.max());
            case SUB -> Value.scalar(left.min() - right.max(), left.max() - right.min());
            case ARSH -> left.max() <= Integer.MAX_VALUE ? nonNegative(AluOperation.RSH, left, narrowCount(right), UNSIGNED_32) : Value.unsigned(32);
            case SDIV, SMOD -> left.max() <= Integer.MAX_VALUE && right.max() <= Integer.MAX_VALUE
                            ? nonNegative(operation, left, right, UNSIGNED_32)
                            : Value.unsigned(32);
            default -> nonNegative(operation, left, right, UNSIGNED_32);
        };
        return result.min() >= 0 && result.max() <= UNSIGNED_32 ? result : Value.unsigned(32);
    }

    /** Narrow shifts look at five bits of their count. */
    private static Value narrowCount(Value count) {
        return count.isConstant() ? Value.constant(count.min() & 31) : Value.scalar(0, 31);
    }

    private static Value add(long leftMin, long leftMax, long rightMin, long rightMax) {
        long min = leftMin + rightMin;
        long max = leftMax + rightMax;
        boolean minOverflows = ((leftMin ^ min) & (rightMin ^ min)) < 0;
        boolean maxOverflows = ((leftMax ^ max) & (rightMax ^ max)) < 0;
        return minOverflows || maxOverflows ? Value.ANY_SCALAR : Value.scalar(min, max);
    }

    /** Both operands are known not to be negative; a result above {@code limit} wraps. */
    private static Value nonNegative(AluOperation operation, Value left, Value right, long limit) {
        Value unknown = limit == UNSIGNED_32 ? Value.unsigned(32) : Value.ANY_SCALAR;
        return switch (operation) {
            case AND -> Value.scalar(0, Math.min(left.max(), right.max()));
            case OR, XOR -> Value.scalar(operation == AluOperation.OR ? Math.max(left.min(), right.min()) : 0, mask(left.max() | right.max()));
            case MUL -> Math.multiplyHigh(left.max(), right.max()) == 0 && left.max() * right.max() >= 0 && left.max() * right.max() <= limit
                            ? Value.scalar(left.min() * right.min(), left.max() * right.max())
                            : unknown;
            case DIV, SDIV -> Value.scalar(0, right.min() > 0 ? left.max() / right.min() : left.max());
            case MOD, SMOD -> Value.scalar(0, right.min() > 0 ? Math.min(left.max(), right.max() - 1) : left.max());
            case LSH -> right.isConstant() && right.min() < 63 && left.max() <= limit >>> right.min()
                            ? Value.scalar(left.min() << right.min(), left.max() << right.min())
                            : unknown;
            case RSH, ARSH -> right.isConstant() && right.min() < 64
                            ? Value.scalar(left.min() >>> right.min(), left.max() >>> right.min())
                            : Value.scalar(0, left.max());
            case MOV -> right;
            case ADD, SUB -> unknown;
        };
    }

    /** Wide operations of which one operand may be negative. */
    private static Value oneSided(AluOperation operation, Value left, Value right) {
        return switch (operation) {
            case AND -> left.min() >= 0 || right.min() >= 0 ? Value.scalar(0, left.min() >= 0 ? left.max() : right.max()) : Value.ANY_SCALAR;
            case MOD -> right.min() > 0 ? Value.scalar(0, right.max() - 1) : Value.ANY_SCALAR;
            case RSH -> right.isConstant() && right.min() > 0 && right.min() < 64 ? Value.scalar(0, -1L >>> right.min()) : Value.ANY_SCALAR;
            case ARSH -> right.isConstant() && right.min() >= 0 && right.min() < 64
                            ? Value.scalar(left.min() >> right.min(), left.max() >> right.min())
                            : Value.ANY_SCALAR;
            case MOV -> right;
            default -> Value.ANY_SCALAR;
        };
    }

    /** All ones up to the highest bit of a number that is not negative. */
    private static long mask(long value) {
        return value == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(value);
    }

    /** What is known of {@code left} where {@code left condition right} holds; null where it never holds. */
    static Value refine(Condition condition, boolean wide, Value left, Value right) {
        if (!left.isOnly(Value.Kind.SCALAR) || !right.isOnly(Value.Kind.SCALAR)) {
            return left;
        }
        if (left.isConstant() && right.isConstant()) {
            return Arithmetic.test(condition, wide, left.min(), right.min()) ? left : null;
        }
        if (!wide && !comparesWhole(condition, left, right)) {
            return left;
        }
        long min = left.min();
        long max = left.max();
        switch (condition) {
            case EQ -> {
                min = Math.max(min, right.min());
                max = Math.min(max, right.max());
            }
            case NE -> {
                if (right.isConstant() && min == right.min()) {
                    min = min == Long.MAX_VALUE ? min : min + 1;
                }
                if (right.isConstant() && max == right.min()) {
                    max = max == Long.MIN_VALUE ? max : max - 1;
                }
            }
            case SLT, SLE, LT, LE -> {
                boolean signed = condition == Condition.SLT || condition == Condition.SLE;
                if (signed || right.min() >= 0) {
                    long limit = condition == Condition.LT || condition == Condition.SLT ? right.max() - 1 : right.max();
                    if (right.max() == Long.MIN_VALUE && limit != right.max()) {
                        return null;
                    }
                    // An unsigned number below one that is not negative is not negative either.
                    min = signed ? min : Math.max(min, 0);
                    max = Math.min(max, limit);
                }
            }
            case SGT, SGE, GT, GE -> {
                boolean signed = condition == Condition.SGT || condition == Condition.SGE;
                if (signed || min >= 0 && right.min() >= 0) {
                    boolean strict = condition == Condition.GT || condition == Condition.SGT;
                    if (strict && right.min() == Long.MAX_VALUE) {
                        return signed ? null : left;
                    }
                    min = Math.max(min, strict ? right.min() + 1 : right.min());
                }
            }
            case SET -> {
                // Common bits say nothing of bounds.
            }
        }
        return min > max ? null : left.withBounds(min, max);
    }

    /** Whether the low halves compare as the whole numbers do. */
    private static boolean comparesWhole(Condition condition, Value left, Value right) {
        boolean signed = lies(left, Integer.MIN_VALUE, Integer.MAX_VALUE) && lies(right, Integer.MIN_VALUE, Integer.MAX_VALUE);
        boolean unsigned = lies(left, 0, UNSIGNED_32) && lies(right, 0, UNSIGNED_32);
        return switch (condition) {
            case SGT, SGE, SLT, SLE -> signed;
            case GT, GE, LT, LE -> unsigned;
            case EQ, NE, SET -> signed || unsigned;
        };
    }

    private static boolean lies(Value value, long min, long max) {
        return value.min() >= min && value.max() <= max;
    }

    static Condition negate(Condition condition) {
        return switch (condition) {
            case EQ -> Condition.NE;
            case NE -> Condition.EQ;
            case GT -> Condition.LE;
            case GE -> Condition.LT;
            case LT -> Condition.GE;
            case LE -> Condition.GT;
            case SGT -> Condition.SLE;
            case SGE -> Condition.SLT;
            case SLT -> Condition.SGE;
            case SLE -> Condition.SGT;
            case SET -> null;
        };
    }

    /** The condition that says the same of the operands swapped. */
    static Condition mirror(Condition condition) {
        return switch (condition) {
            case EQ, NE, SET -> condition;
            case GT -> Condition.LT;
            case GE -> Condition.LE;
            case LT -> Condition.GT;
            case LE -> Condition.GE;
            case SGT -> Condition.SLT;
            case SGE -> Condition.SLE;
            case SLT -> Condition.SGT;
            case SLE -> Condition.SGE;
        };
    }
}
