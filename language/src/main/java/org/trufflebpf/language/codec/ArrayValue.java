package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.language.codec.Layout.Sequence;

/** An array whose elements are decoded when read. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class ArrayValue extends Snapshot implements TypedParts {
    private final Sequence sequence;

    ArrayValue(Sequence sequence, byte[] bytes, int offset) {
        super(bytes, offset, sequence.size());
        this.sequence = sequence;
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return sequence.count();
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < sequence.count();
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return Decoder.decode(sequence.element(), bytes, offset + (int) index * sequence.element().size());
    }

    @Override
    public Object typedElement(long index) {
        return isArrayElementReadable(index) ? Decoder.typed(sequence.element(), bytes, offset + (int) index * sequence.element().size()) : null;
    }

    @Override
    String describe() {
        return Description.of(sequence, bytes, offset);
    }
}
