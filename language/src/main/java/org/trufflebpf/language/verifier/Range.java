package org.trufflebpf.language.verifier;

import java.util.NavigableSet;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;

/**
 * A set of numbers of 64 bits, by bounds of the whole and of its low half, each signed and unsigned, and by known bits. The parts are kept in step:
 * what one of them says the others say too, as far as they can.
 *
 * @param whole bounds of the number
 * @param low bounds of its low half
 */
record Range(Interval whole, Interval low, Tnum bits) {
    static final Range ANY = new Range(Interval.WHOLE, Interval.HALF, Tnum.ANY);
    private static final long HALF_MASK = 0xffff_ffffL;
    /** Each round can only tighten; two settle nearly all. */
    private static final int MAX_ROUNDS = 4;

    static Range constant(long value) {
        return new Range(new Interval(true, value, value, value, value),
                        new Interval(false, (int) value, (int) value, value & HALF_MASK, value & HALF_MASK), Tnum.constant(value));
    }

    /** By signed bounds. */
    static Range between(long min, long max) {
        return min == max ? constant(min) : of(Interval.signed(true, min, max), Interval.HALF, Tnum.ANY);
    }

    /** What zero-extending {@code bits} bits can give. */
    static Range unsigned(int bits) {
        return bits >= 64 ? ANY : between(0, (1L << bits) - 1);
    }

    /** What sign-extending {@code bits} bits can give. */
    static Range signed(int bits) {
        return between(-1L << bits - 1, (1L << bits - 1) - 1);
    }

    long min() {
        return whole.min();
    }

    long max() {
        return whole.max();
    }

    boolean isConstant() {
        return whole.min() == whole.max();
    }

    /** The parts in step; null if no number is in all of them. */
    private static Range of(Interval whole, Interval low, Tnum bits) {
        Interval bigger = whole;
        Interval smaller = low;
        Tnum known = bits;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Interval newWhole = fromLow(bigger.tighten(known), smaller);
            Interval newLow = fromWhole(smaller.tighten(known.truncate()), newWhole);
            if (newWhole.isEmpty() || newLow.isEmpty()) {
                return null;
            }
            Tnum newBits = known.meet(Tnum.between(newWhole.least(), newWhole.most()));
            Tnum half = Tnum.between(newLow.least(), newLow.most());
            newBits = newBits == null ? null : newBits.meet(new Tnum(half.value(), half.mask() | ~HALF_MASK));
            if (newBits == null) {
                return null;
            }
            boolean settled = newWhole.equals(bigger) && newLow.equals(smaller) && newBits.equals(known);
            bigger = newWhole;
            smaller = newLow;
            known = newBits;
            if (settled) {
                break;
            }
        }
        return new Range(bigger, smaller, known);
    }

    /** Where the high half is the same in both bounds, they bound the low half. */
    private static Interval fromWhole(Interval low, Interval whole) {
        Interval result = low;
        if (whole.least() >>> 32 == whole.most() >>> 32) {
            result = result.meet(Interval.unsigned(false, whole.least() & HALF_MASK, whole.most() & HALF_MASK));
        }
        if (whole.min() >> 32 == whole.max() >> 32) {
            result = result.meet(Interval.unsigned(false, whole.min() & HALF_MASK, whole.max() & HALF_MASK));
        }
        if (whole.min() >= Integer.MIN_VALUE && whole.max() <= Integer.MAX_VALUE) {
            result = result.meet(Interval.signed(false, whole.min(), whole.max()));
        }
        return result;
    }

    /** A number is at least the high half of its lower bound with the lower bound of its low half, and so on for the others. */
    private static Interval fromLow(Interval whole, Interval low) {
        Interval result = whole.meet(new Interval(true, whole.min() & ~HALF_MASK | low.least(), whole.max() & ~HALF_MASK | low.most(),
                        whole.least() & ~HALF_MASK | low.least(), whole.most() & ~HALF_MASK | low.most()));
        if (whole.min() >= Integer.MIN_VALUE && whole.max() <= Integer.MAX_VALUE) {
            result = result.meet(Interval.signed(true, low.min(), low.max()));
        }
        return result;
    }

    boolean contains(long number) {
        return number >= whole.min() && number <= whole.max() && Long.compareUnsigned(number, whole.least()) >= 0 &&
                        Long.compareUnsigned(number, whole.most()) <= 0 && (int) number >= low.min() && (int) number <= low.max() &&
                        (number & HALF_MASK) >= low.least() && (number & HALF_MASK) <= low.most() && bits.contains(number);
    }

    boolean contains(Range other) {
        return meet(other) instanceof Range both && both.equals(other);
    }

    /** Covers both. */
    Range join(Range other) {
        return equals(other) ? this : new Range(whole.join(other.whole), low.join(other.low), bits.join(other.bits));
    }

    /** What both contain; null if nothing. */
    Range meet(Range other) {
        Tnum both = bits.meet(other.bits);
        return both == null ? null : of(whole.meet(other.whole), low.meet(other.low), both);
    }

    Range meet(Interval bounds) {
        return bounds.wide() ? of(whole.meet(bounds), low, bits) : of(whole, low.meet(bounds), bits);
    }

    Range meet(Tnum known) {
        Tnum both = bits.meet(known);
        return both == null ? null : of(whole, low, both);
    }

    Range widen(Range joined, NavigableSet<Long> thresholds) {
        return new Range(whole.widen(joined.whole, thresholds), low.widen(joined.low, thresholds), joined.bits);
    }

    /** The low half, zero-extended. */
    Range truncate() {
        if (whole.least() >>> 32 == 0 && whole.most() >>> 32 == 0) {
            return this;
        }
        return orAny(of(Interval.unsigned(true, low.least(), low.most()), low, bits.truncate()));
    }

    /** @param count of bits, 8, 16, 32 or 64, that stay; zeros above them */
    Range lowest(int count) {
        return count == 64 ? this : count == 32 ? truncate() : evaluate(AluOperation.AND, true, constant((1L << count) - 1));
    }

    /** @param count of bits, 8, 16 or 32, of which the highest is copied to those above */
    Range signExtend(int count) {
        long limit = 1L << count - 1;
        if (whole.min() >= -limit && whole.max() < limit) {
            return this;
        }
        Interval half = count == 32 ? Interval.signed(true, low.min(), low.max()) : Interval.signed(true, -limit, limit - 1);
        return orAny(of(half, count == 32 ? low : Interval.HALF, bits.signExtend(count)));
    }

    /** @param count of bits, 16, 32 or 64 */
    Range swap(ByteOrder order, int count) {
        if (isConstant()) {
            // Linux does not know it either.
            return unsigned(count);
        }
        if (order == ByteOrder.LITTLE) {
            return lowest(count);
        }
        return orAny(of(Interval.WHOLE, Interval.HALF, bits.reverseBytes().shiftRight(64 - count)));
    }

    /** A narrow operation works on the low halves and zero-extends its result. */
    Range evaluate(AluOperation operation, boolean wide, Range right) {
        if (isLeftOpen(operation, wide, right)) {
            return wide ? ANY : unsigned(32);
        }
        if (isConstant() && right.isConstant()) {
            return constant(Arithmetic.evaluate(operation, wide, min(), right.min()));
        }
        if (!wide) {
            Interval half = low.evaluate(operation, right.low);
            Tnum known = known(operation, false, bits.truncate(), right.bits.truncate()).truncate();
            half = half.tighten(known);
            return orAny(of(Interval.unsigned(true, half.least(), half.most()), half, known));
        }
        // The low half of these depends on the low halves only.
        boolean byHalves = switch (operation) {
            case ADD, SUB, MUL, AND, OR, XOR -> true;
            default -> false;
        };
        return orAny(of(whole.evaluate(operation, right.whole), byHalves ? low.evaluate(operation, right.low) : Interval.HALF,
                        known(operation, true, bits, right.bits)));
    }

    /**
     * Whether Linux takes a result for unknown that could be told: of counts of shifts that reach the width, and of constants divided. So code behind
     * comparisons with such results is reached for the one as for the other, and strict mode rejects there what Linux rejects.
     */
    private boolean isLeftOpen(AluOperation operation, boolean wide, Range right) {
        return switch (operation) {
            case LSH, RSH, ARSH -> wide ? Long.compareUnsigned(right.whole.most(), 63) > 0 : right.low.most() > 31;
            case DIV, MOD, SDIV, SMOD -> isConstant();
            default -> false;
        };
    }

    /** Sets that are empty without showing it, behind conditions that never hold, give what seems to be nothing. */
    private static Range orAny(Range range) {
        return range == null ? ANY : range;
    }

    private static Tnum known(AluOperation operation, boolean wide, Tnum left, Tnum right) {
        int count = (int) right.value() & (wide ? 63 : 31);
        return switch (operation) {
            case ADD -> left.add(right);
            case SUB -> left.subtract(right);
            case MUL -> left.multiply(right);
            case AND -> left.and(right);
            case OR -> left.or(right);
            case XOR -> left.xor(right);
            case LSH -> right.isConstant() ? left.shiftLeft(count) : Tnum.ANY;
            case RSH -> right.isConstant() ? left.shiftRight(count) : Tnum.ANY;
            case ARSH -> !right.isConstant() ? Tnum.ANY : wide ? left.shiftRightSigned(count) : left.signExtend(32).shiftRightSigned(count);
            case MOV -> right;
            case DIV, SDIV, MOD, SMOD -> Tnum.ANY;
        };
    }
}
