package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.StopIterationException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Iterator;
import java.util.function.Function;

/** A map's entries, each as the interop value that the face makes of it. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class EntryIterator implements TruffleObject {
    private final Function<BpfMap.Entry, Object> decode;
    private final Iterator<BpfMap.Entry> entries;

    EntryIterator(Iterator<BpfMap.Entry> entries, Function<BpfMap.Entry, Object> decode) {
        this.entries = entries;
        this.decode = decode;
    }

    @ExportMessage
    boolean isIterator() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    synchronized boolean hasIteratorNextElement() {
        return entries.hasNext();
    }

    @ExportMessage
    @TruffleBoundary
    synchronized Object getIteratorNextElement() throws StopIterationException {
        if (!entries.hasNext()) {
            throw StopIterationException.create();
        }
        return decode.apply(entries.next());
    }
}
