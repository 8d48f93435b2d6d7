package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.math.BigInteger;

/** An unsigned little-endian number of 1, 2, 4 or 8 bytes. Negative numbers that fit the signed type are taken too, as C would. */
record NumberCodec(int size) implements Codec {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    @Override
    public Object decode(byte[] bytes) {
        long number = 0;
        for (int i = size - 1; i >= 0; i--) {
            number = number << 8 | Byte.toUnsignedLong(bytes[i]);
        }
        if (number >= 0 && number <= Integer.MAX_VALUE) {
            return (int) number;
        }
        return WholeNumber.ofUnsigned(number);
    }

    @Override
    public byte[] encode(Object value) {
        BigInteger number = number(value);
        if (number == null) {
            return new BytesCodec(size).encode(value);
        }
        int bits = size * 8;
        if (number.signum() < 0 ? number.bitLength() >= bits : number.bitLength() > bits) {
            throw new MapException(Errno.EINVAL, number + " does not fit " + size + " byte" + (size == 1 ? "" : "s"));
        }
        long word = number.longValue();
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (word >>> 8 * i);
        }
        return bytes;
    }

    /** Null for what is no number but may be bytes. */
    private static BigInteger number(Object value) {
        try {
            if (INTEROP.fitsInLong(value)) {
                return BigInteger.valueOf(INTEROP.asLong(value));
            }
            if (INTEROP.fitsInBigInteger(value)) {
                return INTEROP.asBigInteger(value);
            }
        } catch (UnsupportedMessageException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
        if (BytesCodec.takes(value)) {
            return null;
        }
        throw new MapException(Errno.EINVAL, "a whole number is needed");
    }
}
