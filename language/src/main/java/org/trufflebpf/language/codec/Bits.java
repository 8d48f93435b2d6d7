package org.trufflebpf.language.codec;

import java.math.BigInteger;
import org.trufflebpf.language.codec.Layout.Number;

/** Numbers in memory. */
final class Bits {
    private Bits() {
    }

    /** The number at {@code bytes[offset]}. */
    static BigInteger read(Number number, byte[] bytes, int offset) {
        if (number.width() <= Long.SIZE) {
            long value = readLong(number, bytes, offset);
            return number.signed() ? BigInteger.valueOf(value) : unsigned(value);
        }
        int highBits = number.width() - Long.SIZE;
        long high = gather(bytes, offset, number.shift() + Long.SIZE, highBits);
        BigInteger upper = number.signed() ? BigInteger.valueOf(extend(high, highBits)) : unsigned(high);
        return upper.shiftLeft(Long.SIZE).or(unsigned(gather(bytes, offset, number.shift(), Long.SIZE)));
    }

    /** A number of at most 64 bits, extended by its sign or by zeros. */
    static long readLong(Number number, byte[] bytes, int offset) {
        long value = gather(bytes, offset, number.shift(), number.width());
        if (number.bigEndian()) {
            value = Long.reverseBytes(value) >>> Long.SIZE - number.width();
        }
        return number.signed() ? extend(value, number.width()) : value;
    }

    /** Stores the number, which is in range, and leaves the bits around it. */
    static void write(Number number, BigInteger value, byte[] bytes, int offset) {
        long low = value.longValue();
        if (number.bigEndian()) {
            low = Long.reverseBytes(low) >>> Long.SIZE - number.width();
        }
        scatter(low, bytes, offset, number.shift(), Math.min(number.width(), Long.SIZE));
        if (number.width() > Long.SIZE) {
            scatter(value.shiftRight(Long.SIZE).longValue(), bytes, offset, number.shift() + Long.SIZE, number.width() - Long.SIZE);
        }
    }

    static BigInteger least(Number number) {
        return number.signed() ? BigInteger.ONE.shiftLeft(number.width() - 1).negate() : BigInteger.ZERO;
    }

    static BigInteger most(Number number) {
        return BigInteger.ONE.shiftLeft(number.signed() ? number.width() - 1 : number.width()).subtract(BigInteger.ONE);
    }

    static boolean isInRange(Number number, BigInteger value) {
        return value.signum() < 0 ? number.signed() && value.bitLength() < number.width()
                : value.bitLength() <= (number.signed() ? number.width() - 1 : number.width());
    }

    static BigInteger unsigned(long value) {
        return value >= 0 ? BigInteger.valueOf(value) : new BigInteger(Long.toUnsignedString(value));
    }

    private static long extend(long value, int width) {
        int unused = Long.SIZE - width;
        return value << unused >> unused;
    }

    /** {@code width} bits, up to 64, from bit {@code at} on, the least significant first. */
    private static long gather(byte[] bytes, int offset, int at, int width) {
        long value = 0;
        int done = 0;
        while (done < width) {
            int bit = at + done;
            int first = bit % Byte.SIZE;
            int count = Math.min(Byte.SIZE - first, width - done);
            long part = bytes[offset + bit / Byte.SIZE] >>> first & (1 << count) - 1;
            value |= part << done;
            done += count;
        }
        return value;
    }

    private static void scatter(long value, byte[] bytes, int offset, int at, int width) {
        int done = 0;
        while (done < width) {
            int bit = at + done;
            int first = bit % Byte.SIZE;
            int count = Math.min(Byte.SIZE - first, width - done);
            int mask = (1 << count) - 1 << first;
            int index = offset + bit / Byte.SIZE;
            bytes[index] = (byte) (bytes[index] & ~mask | (int) (value >>> done) << first & mask);
            done += count;
        }
    }
}
