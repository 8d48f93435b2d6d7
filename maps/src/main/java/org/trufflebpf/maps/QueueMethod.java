package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/** A method of a queue as a value, for languages that read methods before they call them. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class QueueMethod implements TruffleObject {
    private final QueueFace queue;
    private final String name;

    QueueMethod(QueueFace queue, String name) {
        this.queue = queue;
        this.name = name;
    }

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments) throws ArityException {
        try {
            return queue.invokeMember(name, arguments);
        } catch (UnknownIdentifierException e) {
            throw new AssertionError(e);
        }
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return name + " of " + queue.toDisplayString(false);
    }
}
