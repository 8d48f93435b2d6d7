package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.math.BigInteger;

/**
 * A number from 2^63 to 2^64-1 as other languages may see it: never negative. Smaller ones are plain longs.
 *
 * @param bits the number's 64 bits, so negative as a long
 */
@ExportLibrary(InteropLibrary.class)
public record UnsignedLong(long bits) implements TruffleObject {

    public UnsignedLong {
        if (bits >= 0) {
            throw new IllegalArgumentException("a long can hold " + bits);
        }
    }

    /** An unsigned 64-bit number as an interop value. */
    public static Object of(long bits) {
        return bits < 0 ? new UnsignedLong(bits) : (Object) bits;
    }

    @TruffleBoundary
    private BigInteger value() {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    @ExportMessage
    boolean isNumber() {
        return true;
    }

    @ExportMessage
    boolean fitsInByte() {
        return false;
    }

    @ExportMessage
    boolean fitsInShort() {
        return false;
    }

    @ExportMessage
    boolean fitsInInt() {
        return false;
    }

    @ExportMessage
    boolean fitsInLong() {
        return false;
    }

    @ExportMessage
    boolean fitsInBigInteger() {
        return true;
    }

    /** The top bit is set, so a mantissa of 24 bits holds it when the low 40 are 0. */
    @ExportMessage
    boolean fitsInFloat() {
        return (bits & (1L << 40) - 1) == 0;
    }

    @ExportMessage
    boolean fitsInDouble() {
        return (bits & (1L << 11) - 1) == 0;
    }

    @ExportMessage
    byte asByte() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    short asShort() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    int asInt() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    long asLong() throws UnsupportedMessageException {
        throw UnsupportedMessageException.create();
    }

    @ExportMessage
    BigInteger asBigInteger() {
        return value();
    }

    @ExportMessage
    float asFloat() throws UnsupportedMessageException {
        if (!fitsInFloat()) {
            throw UnsupportedMessageException.create();
        }
        return (float) asDouble();
    }

    @ExportMessage
    double asDouble() throws UnsupportedMessageException {
        if (!fitsInDouble()) {
            throw UnsupportedMessageException.create();
        }
        return (bits >>> 1) * 2.0;
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return Long.toUnsignedString(bits);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(bits);
    }
}
