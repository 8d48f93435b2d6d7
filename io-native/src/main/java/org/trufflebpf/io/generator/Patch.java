package org.trufflebpf.io.generator;

/**
 * A field of a packet that varies.
 *
 * @param variable number of the variable that chooses the value; several fields may follow one
 * @param bit place of the field's most significant bit, counted from the packet's first
 * @param bits width, 1 to 64; {@code bit % 8 + bits} is at most 64
 * @param first value for the variable's digit 0, the others count up from it; not used where there are values
 * @param values by digit, or null; callers must not change the array
 */
public record Patch(int variable, int bit, int bits, long first, long[] values) {
    /** Right-aligned. */
    public long value(long digit) {
        return values == null ? first + digit : values[(int) digit];
    }
}
