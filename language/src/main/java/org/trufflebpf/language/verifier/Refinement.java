package org.trufflebpf.language.verifier;

import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.Condition;

/** What comparisons show of the numbers that they compare. */
final class Refinement {
    private Refinement() {
    }

    /** What is known of {@code left} where {@code left condition right} holds; null where it never holds. */
    static Range holds(Condition condition, boolean wide, Range left, Range right) {
        if (left.isConstant() && right.isConstant()) {
            return Arithmetic.test(condition, wide, left.min(), right.min()) ? left : null;
        }
        Interval a = wide ? left.whole() : left.low();
        Interval b = wide ? right.whole() : right.low();
        return switch (condition) {
            case EQ -> equal(wide, left, right);
            case NE -> different(wide, left, a, b);
            case LT -> b.most() == 0 ? null : left.meet(Interval.unsigned(wide, 0, b.most() - 1));
            case LE -> left.meet(Interval.unsigned(wide, 0, b.most()));
            case GT -> b.least() == Interval.any(wide).most() ? null : left.meet(Interval.unsigned(wide, b.least() + 1, Interval.any(wide).most()));
            case GE -> left.meet(Interval.unsigned(wide, b.least(), Interval.any(wide).most()));
            case SLT -> b.max() == Interval.any(wide).min() ? null : left.meet(Interval.signed(wide, Interval.any(wide).min(), b.max() - 1));
            case SLE -> left.meet(Interval.signed(wide, Interval.any(wide).min(), b.max()));
            case SGT -> b.min() == Interval.any(wide).max() ? null : left.meet(Interval.signed(wide, b.min() + 1, Interval.any(wide).max()));
            case SGE -> left.meet(Interval.signed(wide, b.min(), Interval.any(wide).max()));
            case SET -> common(wide, left, right);
        };
    }

    /** What is known of {@code left} where it has no bit in common with {@code right}; null where it always has one. */
    static Range unset(boolean wide, Range left, Range right) {
        long mask = wide ? right.bits().value() : right.bits().value() & 0xffff_ffffL;
        return left.meet(new Tnum(0, ~mask));
    }

    private static Range equal(boolean wide, Range left, Range right) {
        if (wide) {
            return left.bits().meet(right.bits()) == null ? null : left.meet(right);
        }
        Tnum half = right.bits().truncate();
        Range result = left.meet(new Tnum(half.value(), half.mask() | ~0xffff_ffffL));
        return result == null ? null : result.meet(right.low());
    }

    private static Range different(boolean wide, Range left, Interval a, Interval b) {
        if (b.min() != b.max()) {
            return left;
        }
        Interval any = Interval.any(wide);
        // A bound that is left out may be the only number.
        if (a.min() == b.min() && a.max() == b.min()) {
            return null;
        }
        long min = a.min() == b.min() ? a.min() + 1 : any.min();
        long max = a.max() == b.min() ? a.max() - 1 : any.max();
        long least = a.least() == b.least() ? a.least() + 1 : any.least();
        long most = a.most() == b.least() ? a.most() - 1 : any.most();
        return left.meet(new Interval(wide, min, max, least, most));
    }

    /** A bit in common: which one is known only where it can be but one. */
    private static Range common(boolean wide, Range left, Range right) {
        long half = wide ? -1 : 0xffff_ffffL;
        long candidates = left.bits().max() & right.bits().max() & half;
        if (candidates == 0) {
            return null;
        }
        return Long.bitCount(candidates) == 1 ? left.meet(new Tnum(candidates, ~candidates)) : left;
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
