package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.HexFormat;

/** Bytes that do not change: an interop buffer and an array of numbers from 0 to 255. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class Bytes extends ReadOnlyBuffer {
    Bytes(byte[] bytes) {
        super(bytes, 0, bytes.length);
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return bytes.length;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < bytes.length;
    }

    @ExportMessage
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return Byte.toUnsignedInt(bytes[(int) index]);
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }
}
