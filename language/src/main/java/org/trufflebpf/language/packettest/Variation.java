package org.trufflebpf.language.packettest;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The values that a field of generated packets takes. */
public sealed interface Variation {
    /** How many there are. */
    long size();

    /** The value of a number from 0 to {@code size - 1}, as {@link FieldValue.Exactly} has it; callers must not change it. */
    byte[] value(long number);

    /** One of the values that were listed, one or more. */
    record OneOf(List<byte[]> values) implements Variation {
        public OneOf {
            values = List.copyOf(values);
        }

        @Override
        public long size() {
            return values.size();
        }

        @Override
        public byte[] value(long number) {
            return values.get((int) number);
        }
    }

    /**
     * Numbers or addresses in a row.
     *
     * @param first callers must not change it
     */
    record Range(byte[] first, long size) implements Variation {
        @Override
        public byte[] value(long number) {
            byte[] value = first.clone();
            long carry = number;
            for (int i = value.length - 1; i >= 0 && carry != 0; i--) {
                carry += value[i] & 0xff;
                value[i] = (byte) carry;
                carry >>>= Byte.SIZE;
            }
            return value;
        }
    }

    /** Bits that a range can have at most, so that numbers of values are positive longs. */
    int MOST_BITS = 62;

    /**
     * Reads {@code A|B|C}, {@code A-B} or {@code ADDRESS/BITS}; null if it is none of these. Of a prefix that leaves more than
     * {@value #MOST_BITS} bits open the lowest {@value #MOST_BITS} vary.
     */
    static Variation parse(FieldFormat format, String text, int bits) {
        if (text.contains("|")) {
            List<byte[]> values = new ArrayList<>();
            for (String part : text.split("\\|", -1)) {
                byte[] value = format.parse(part, bits);
                if (value == null) {
                    return null;
                }
                values.add(value);
            }
            return new OneOf(values);
        }
        return switch (format) {
            case IPV4, IPV6 -> text.contains("/") ? prefix(format, text, bits) : range(format, text, bits);
            case NUMBER, HEX, MAC -> range(format, text, bits);
            case TCP_FLAGS, BYTES -> null;
        };
    }

    private static Range range(FieldFormat format, String text, int bits) {
        int dash = text.indexOf('-', 1);
        byte[] first = dash < 0 ? null : format.parse(text.substring(0, dash), bits);
        byte[] last = dash < 0 ? null : format.parse(text.substring(dash + 1), bits);
        if (first == null || last == null || Arrays.compareUnsigned(first, last) > 0) {
            return null;
        }
        BigInteger size = new BigInteger(1, last).subtract(new BigInteger(1, first)).add(BigInteger.ONE);
        return size.bitLength() > MOST_BITS ? null : new Range(first, size.longValue());
    }

    private static Range prefix(FieldFormat format, String text, int bits) {
        int slash = text.indexOf('/');
        byte[] first = format.parse(text.substring(0, slash), bits);
        BigInteger length = FieldFormat.parseNumber(text.substring(slash + 1));
        if (first == null || length == null || length.signum() < 0 || length.compareTo(BigInteger.valueOf(bits)) > 0) {
            return null;
        }
        int open = bits - length.intValue();
        for (int i = 0; i < open; i++) {
            first[first.length - 1 - i / Byte.SIZE] &= (byte) ~(1 << i % Byte.SIZE);
        }
        return new Range(first, 1L << Math.min(open, MOST_BITS));
    }
}
