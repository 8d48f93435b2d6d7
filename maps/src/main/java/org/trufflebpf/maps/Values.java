package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Collection;
import java.util.StringJoiner;

/** Interop values as a read-only array: names of members, a hash entry, the values of all CPUs. For any thread. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public final class Values implements TruffleObject {
    private static final int SHOWN = 16;

    private final Object[] values;

    /** @param values nobody changes the array afterwards */
    Values(Object... values) {
        this.values = values;
    }

    public static Values of(Collection<?> values) {
        return new Values(values.toArray());
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return values.length;
    }

    @ExportMessage
    boolean isArrayElementReadable(long index) {
        return index >= 0 && index < values.length;
    }

    @ExportMessage
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return values[(int) index];
    }

    /** The first of them. */
    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(boolean allowSideEffects) {
        StringJoiner text = new StringJoiner(", ", "[", values.length > SHOWN ? ", ...]" : "]");
        for (int i = 0; i < Math.min(SHOWN, values.length); i++) {
            text.add(InteropLibrary.getUncached().toDisplayString(values[i], allowSideEffects).toString());
        }
        return text.toString();
    }
}
