package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.maps.ReadOnlyBuffer;

/** A decoded value of several parts. All of them are also read-only buffers of the bytes that they were made from. */
@ExportLibrary(InteropLibrary.class)
abstract class Snapshot extends ReadOnlyBuffer {
    Snapshot(byte[] bytes, int offset, int size) {
        super(bytes, offset, size);
    }

    /** One line, in C's notation as far as it has one; long ones are cut. */
    @ExportMessage
    @TruffleBoundary
    final Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return describe();
    }

    abstract String describe();
}
