package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.math.BigDecimal;
import java.math.BigInteger;

/** A number that no long can hold, as other languages may see it; an unsigned one is never negative. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public record WholeNumber(BigInteger value) implements TruffleObject {

    public WholeNumber {
        if (value.bitLength() < Long.SIZE) {
            throw new IllegalArgumentException("a long can hold " + value);
        }
    }

    /** The smallest of int, long and this class that holds it. */
    @TruffleBoundary
    public static Object of(BigInteger value) {
        return value.bitLength() < Long.SIZE ? of(value.longValue()) : new WholeNumber(value);
    }

    /** An int where that is enough. */
    public static Object of(long value) {
        return value == (int) value ? (Object) (int) value : (Object) value;
    }

    /** An unsigned 64-bit number: a long where that is enough. */
    @TruffleBoundary
    public static Object ofUnsigned(long bits) {
        return bits < 0 ? new WholeNumber(new BigInteger(Long.toUnsignedString(bits))) : (Object) bits;
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

    @ExportMessage
    @TruffleBoundary
    boolean fitsInFloat() {
        return Float.isFinite(value.floatValue()) && new BigDecimal(value.floatValue()).toBigInteger().equals(value);
    }

    @ExportMessage
    @TruffleBoundary
    boolean fitsInDouble() {
        return Double.isFinite(value.doubleValue()) && new BigDecimal(value.doubleValue()).toBigInteger().equals(value);
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
        return value;
    }

    @ExportMessage
    @TruffleBoundary
    float asFloat() throws UnsupportedMessageException {
        if (!fitsInFloat()) {
            throw UnsupportedMessageException.create();
        }
        return value.floatValue();
    }

    @ExportMessage
    @TruffleBoundary
    double asDouble() throws UnsupportedMessageException {
        if (!fitsInDouble()) {
            throw UnsupportedMessageException.create();
        }
        return value.doubleValue();
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return value.toString();
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
