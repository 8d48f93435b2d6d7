package org.trufflebpf.io.pcap;

/**
 * What a pcapng interface description says of an interface's packets.
 *
 * @param linkType number of the link-layer header type
 * @param snapLength most bytes captured of a packet, 0 for no limit
 * @param resolution if_tsresol: units of time are 10^-n s, or 2^-n s where bit 7 is set (n is the rest); 6 by default
 * @param offset if_tsoffset: seconds to add to every time
 */
record CaptureInterface(int linkType, long snapLength, int resolution, long offset) {
    private static final long NANOSECONDS = 1_000_000_000;

    /** Nanoseconds since 1970 of an unsigned count of units, limited to the range of 0 to Long.MAX_VALUE. */
    long nanoseconds(long units) {
        int exponent = resolution & 0x7f;
        long time = (resolution & 0x80) != 0 ? fromBinary(units, exponent) : fromDecimal(units, exponent);
        long high = Math.multiplyHigh(offset, NANOSECONDS);
        long shift = offset * NANOSECONDS;
        if (high != shift >> 63) {
            return offset < 0 ? 0 : Long.MAX_VALUE;
        }
        long sum = time + shift;
        if (shift >= 0) {
            return sum < 0 ? Long.MAX_VALUE : sum;
        }
        return Math.max(sum, 0);
    }

    private static long fromDecimal(long units, int exponent) {
        if (exponent <= 9) {
            long factor = powerOfTen(9 - exponent);
            return limited(Math.unsignedMultiplyHigh(units, factor), units * factor);
        }
        return exponent - 9 > 18 ? 0 : limited(0, Long.divideUnsigned(units, powerOfTen(exponent - 9)));
    }

    /** units * 10^9 / 2^exponent in 128 bits. */
    private static long fromBinary(long units, int exponent) {
        long high = Math.unsignedMultiplyHigh(units, NANOSECONDS);
        long low = units * NANOSECONDS;
        if (exponent == 0) {
            return limited(high, low);
        }
        return exponent >= 64 ? high >>> (exponent - 64) : limited(high >>> exponent, low >>> exponent | high << -exponent);
    }

    private static long limited(long high, long low) {
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }

    private static long powerOfTen(int exponent) {
        long result = 1;
        for (int i = 0; i < exponent; i++) {
            result *= 10;
        }
        return result;
    }
}
