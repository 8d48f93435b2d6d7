package org.trufflebpf.language.verifier;

/**
 * Numbers of 64 bits of which some bits are known (a tristate number; Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with
 * Tristate Numbers", CGO 2022).
 *
 * @param value the known bits; 0 where a bit is not known
 * @param mask the bits that are not known
 */
record Tnum(long value, long mask) {
    static final Tnum ANY = new Tnum(0, -1);
    private static final long LOW_HALF = 0xffff_ffffL;

    Tnum {
        assert (value & mask) == 0;
    }

    static Tnum constant(long value) {
        return new Tnum(value, 0);
    }

    /** Covers all unsigned numbers from {@code min} to {@code max}: the bits above the highest one that differs. */
    static Tnum between(long min, long max) {
        long differing = min ^ max;
        long mask = differing == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(differing);
        return new Tnum(min & ~mask, mask);
    }

    boolean isConstant() {
        return mask == 0;
    }

    boolean contains(long number) {
        return ((number ^ value) & ~mask) == 0;
    }

    /** The largest unsigned number. */
    long max() {
        return value | mask;
    }

    /** Bits that are known to be 0. */
    long zeros() {
        return ~(value | mask);
    }

    Tnum add(Tnum other) {
        long values = value + other.value;
        long changed = values + mask + other.mask ^ values;
        return withUnknown(values, changed | mask | other.mask);
    }

    Tnum subtract(Tnum other) {
        long values = value - other.value;
        long changed = values + mask ^ values - other.mask;
        return withUnknown(values, changed | mask | other.mask);
    }

    /** By shifted addends, one for each bit of this that can be set. */
    Tnum multiply(Tnum other) {
        Tnum sum = constant(0);
        Tnum addend = other;
        for (long rest = max(), bit = 1; rest != 0; rest >>>= 1, bit <<= 1) {
            if ((mask & bit) != 0) {
                sum = sum.add(new Tnum(0, addend.max()));
            } else if ((value & bit) != 0) {
                sum = sum.add(addend);
            }
            addend = addend.shiftLeft(1);
        }
        return sum;
    }

    Tnum and(Tnum other) {
        long ones = value & other.value;
        return new Tnum(ones, max() & other.max() & ~ones);
    }

    Tnum or(Tnum other) {
        long ones = value | other.value;
        return new Tnum(ones, (mask | other.mask) & ~ones);
    }

    Tnum xor(Tnum other) {
        return withUnknown(value ^ other.value, mask | other.mask);
    }

    /** @param count 0 to 63 */
    Tnum shiftLeft(int count) {
        return new Tnum(value << count, mask << count);
    }

    Tnum shiftRight(int count) {
        return new Tnum(value >>> count, mask >>> count);
    }

    Tnum shiftRightSigned(int count) {
        return new Tnum(value >> count, mask >> count);
    }

    /** The low half, zero-extended. */
    Tnum truncate() {
        return new Tnum(value & LOW_HALF, mask & LOW_HALF);
    }

    /** @param bits 8, 16 or 32 */
    Tnum signExtend(int bits) {
        return shiftLeft(64 - bits).shiftRightSigned(64 - bits);
    }

    Tnum reverseBytes() {
        return new Tnum(Long.reverseBytes(value), Long.reverseBytes(mask));
    }

    /** Covers both. */
    Tnum join(Tnum other) {
        return withUnknown(value, mask | other.mask | value ^ other.value);
    }

    /** What both contain; null if nothing. */
    Tnum meet(Tnum other) {
        if (((value ^ other.value) & ~(mask | other.mask)) != 0) {
            return null;
        }
        return new Tnum(value | other.value, mask & other.mask);
    }

    private static Tnum withUnknown(long bits, long mask) {
        return new Tnum(bits & ~mask, mask);
    }
}
