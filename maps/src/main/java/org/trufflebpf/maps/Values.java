package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Collection;

/** Interop values as a read-only array: names of members, a hash entry, the values of all CPUs. For any thread. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public final class Values implements TruffleObject {
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
}
