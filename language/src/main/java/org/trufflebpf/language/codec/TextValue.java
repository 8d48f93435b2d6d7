package org.trufflebpf.language.codec;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/** The text of a char array, which is also an array of its bytes from 0 to 255, with the zeros at its end. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class TextValue extends Snapshot {
    private final String text;

    TextValue(String text, byte[] bytes, int offset, int size) {
        super(bytes, offset, size);
        this.text = text;
    }

    @ExportMessage
    boolean isString() {
        return true;
    }

    @ExportMessage
    String asString() {
        return text;
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return size;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < size;
    }

    @ExportMessage
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return Byte.toUnsignedInt(bytes[offset + (int) index]);
    }

    @Override
    String describe() {
        return text;
    }
}
