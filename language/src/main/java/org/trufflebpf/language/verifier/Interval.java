package org.trufflebpf.language.verifier;

import java.util.NavigableSet;
import org.trufflebpf.language.isa.Instruction.AluOperation;

/**
 * Numbers between bounds, in both readings, of a width. Signed bounds are kept sign-extended, unsigned ones zero-extended.
 *
 * @param wide whether of 64 bits; else of 32
 * @param min signed
 * @param max signed, inclusive
 * @param least unsigned
 * @param most unsigned, inclusive
 */
record Interval(boolean wide, long min, long max, long least, long most) {
    static final Interval WHOLE = new Interval(true, Long.MIN_VALUE, Long.MAX_VALUE, 0, -1);
    static final Interval HALF = new Interval(false, Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 0xffff_ffffL);

    static Interval any(boolean wide) {
        return wide ? WHOLE : HALF;
    }

    static Interval signed(boolean wide, long min, long max) {
        Interval any = any(wide);
        return new Interval(wide, min, max, any.least, any.most);
    }

    static Interval unsigned(boolean wide, long least, long most) {
        Interval any = any(wide);
        return new Interval(wide, any.min, any.max, least, most);
    }

    boolean isEmpty() {
        return min > max || Long.compareUnsigned(least, most) > 0;
    }

    private long asSigned(long number) {
        return wide ? number : (int) number;
    }

    private long asUnsigned(long number) {
        return wide ? number : number & 0xffff_ffffL;
    }

    private long signBit() {
        return wide ? Long.MIN_VALUE : 1L << 31;
    }

    /** What each reading says of the other, and known bits of both. */
    Interval tighten(Tnum bits) {
        long sign = bits.mask() & signBit();
        long low = Math.max(min, asSigned(bits.value() | sign));
        long high = Math.min(max, asSigned(bits.max() & ~sign | bits.value()));
        long first = maxUnsigned(least, bits.value());
        long last = minUnsigned(most, bits.max());
        if (low >= 0 || high < 0) {
            first = maxUnsigned(first, asUnsigned(low));
            last = minUnsigned(last, asUnsigned(high));
        }
        if (asSigned(first) <= asSigned(last)) {
            low = Math.max(low, asSigned(first));
            high = Math.min(high, asSigned(last));
        }
        return new Interval(wide, low, high, first, last);
    }

    Interval meet(Interval other) {
        return new Interval(wide, Math.max(min, other.min), Math.min(max, other.max), maxUnsigned(least, other.least), minUnsigned(most, other.most));
    }

    Interval join(Interval other) {
        return new Interval(wide, Math.min(min, other.min), Math.max(max, other.max), minUnsigned(least, other.least), maxUnsigned(most, other.most));
    }

    /** Bounds that grew from {@code this} to {@code joined} jump to the next threshold. */
    Interval widen(Interval joined, NavigableSet<Long> thresholds) {
        Interval any = any(wide);
        return new Interval(wide, joined.min == min ? min : below(joined.min, thresholds, any.min),
                        joined.max == max ? max : above(joined.max, thresholds, any.max),
                        joined.least == least ? least : joined.least < 0 ? 0 : Math.max(0, below(joined.least, thresholds, 0)),
                        joined.most == most ? most : joined.most < 0 ? any.most : above(joined.most, thresholds, any.most));
    }

    private static long below(long number, NavigableSet<Long> thresholds, long none) {
        Long threshold = thresholds.floor(number);
        return threshold == null ? none : Math.max(threshold, none);
    }

    private long above(long number, NavigableSet<Long> thresholds, long none) {
        Long threshold = thresholds.ceiling(number);
        return threshold == null || !wide && threshold > none ? none : threshold;
    }

    /** What the operation gives; what overflows is unknown. Known bits say the rest. */
    Interval evaluate(AluOperation operation, Interval right) {
        return switch (operation) {
            case ADD -> add(right.min, right.max, right.least, right.most);
            case SUB -> subtract(right);
            case MUL -> multiply(right);
            case DIV -> unsigned(wide, right.least == 0 ? 0 : Long.divideUnsigned(least, right.most),
                            right.least == 0 ? most : Long.divideUnsigned(most, right.least));
            case MOD -> modulo(right);
            case SDIV -> divideSigned(right);
            case SMOD -> moduloSigned(right);
            case AND -> unsigned(wide, 0, minUnsigned(most, right.most));
            case OR -> unsigned(wide, maxUnsigned(least, right.least), any(wide).most);
            case XOR -> any(wide);
            case LSH, RSH, ARSH -> shift(operation, right);
            case MOV -> right;
        };
    }

    private Interval add(long rightMin, long rightMax, long rightLeast, long rightMost) {
        long low = min + rightMin;
        long high = max + rightMax;
        boolean overflows = wide ? ((min ^ low) & (rightMin ^ low)) < 0 || ((max ^ high) & (rightMax ^ high)) < 0
                        : low < Integer.MIN_VALUE || high > Integer.MAX_VALUE;
        long first = least + rightLeast;
        long last = most + rightMost;
        boolean carries = wide ? Long.compareUnsigned(last, most) < 0 : last > HALF.most;
        Interval any = any(wide);
        return new Interval(wide, overflows ? any.min : low, overflows ? any.max : high, carries ? any.least : first, carries ? any.most : last);
    }

    private Interval subtract(Interval right) {
        long low = min - right.max;
        long high = max - right.min;
        boolean overflows = wide ? ((min ^ right.max) & (min ^ low)) < 0 || ((max ^ right.min) & (max ^ high)) < 0
                        : low < Integer.MIN_VALUE || high > Integer.MAX_VALUE;
        boolean borrows = Long.compareUnsigned(least, right.most) < 0;
        Interval any = any(wide);
        return new Interval(wide, overflows ? any.min : low, overflows ? any.max : high, borrows ? any.least : least - right.most,
                        borrows ? any.most : most - right.least);
    }

    private Interval multiply(Interval right) {
        boolean fits = most >= 0 && right.most >= 0 && Math.multiplyHigh(most, right.most) == 0 && most * right.most >= 0 &&
                        most * right.most <= any(wide).max;
        if (fits) {
            return unsigned(wide, least * right.least, most * right.most);
        }
        boolean small = min >= Integer.MIN_VALUE && max <= Integer.MAX_VALUE && right.min >= Integer.MIN_VALUE && right.max <= Integer.MAX_VALUE;
        if (!small) {
            return any(wide);
        }
        long[] products = {min * right.min, min * right.max, max * right.min, max * right.max};
        long low = Math.min(Math.min(products[0], products[1]), Math.min(products[2], products[3]));
        long high = Math.max(Math.max(products[0], products[1]), Math.max(products[2], products[3]));
        return low >= any(wide).min && high <= any(wide).max ? signed(wide, low, high) : any(wide);
    }

    private Interval modulo(Interval right) {
        if (right.least != 0 && Long.compareUnsigned(most, right.least) < 0) {
            return this;
        }
        // Modulo zero leaves the left operand.
        return unsigned(wide, 0, right.least == 0 ? most : minUnsigned(most, right.most - 1));
    }

    private Interval divideSigned(Interval right) {
        if (min >= 0 && right.min >= 0) {
            return signed(wide, right.min > 0 ? min / right.max : 0, right.min > 0 ? max / right.min : max);
        }
        if (min == any(wide).min) {
            return any(wide);
        }
        long largest = Math.max(Math.abs(min), Math.abs(max));
        return signed(wide, -largest, largest);
    }

    /** The sign is the left operand's. */
    private Interval moduloSigned(Interval right) {
        long low = Math.min(min, 0);
        long high = Math.max(max, 0);
        boolean isNeverZero = right.min > 0 || right.max < 0;
        if (isNeverZero && right.min > any(wide).min) {
            long limit = Math.max(Math.abs(right.min), Math.abs(right.max)) - 1;
            return signed(wide, Math.max(low, -limit), Math.min(high, limit));
        }
        return signed(wide, low, high);
    }

    /** @param right between 0 and the width less one */
    private Interval shift(AluOperation operation, Interval right) {
        int few = (int) right.least;
        int many = (int) right.most;
        return switch (operation) {
            case RSH -> unsigned(wide, least >>> many, most >>> few);
            case ARSH -> signed(wide, Math.min(min >> few, min >> many), Math.max(max >> few, max >> many));
            default -> {
                Interval any = any(wide);
                boolean loses = Long.compareUnsigned(most, any.most >>> many) > 0;
                boolean turns = min < any.min >> many || max > any.max >> many;
                yield new Interval(wide, turns ? any.min : Math.min(min << few, min << many), turns ? any.max : Math.max(max << few, max << many),
                                loses ? any.least : least << few, loses ? any.most : most << many);
            }
        };
    }

    static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? a : b;
    }

    static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
