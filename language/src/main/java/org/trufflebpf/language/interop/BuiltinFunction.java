package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.function.Function;

/** A function of the language that takes texts, as a command line does. */
@ExportLibrary(InteropLibrary.class)
final class BuiltinFunction implements TruffleObject {
    private final Function<String[], Object> body;

    /** @param body gives a text, a number or, for nothing, null */
    BuiltinFunction(Function<String[], Object> body) {
        this.body = body;
    }

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments) throws UnsupportedTypeException, ArityException {
        String[] texts = new String[arguments.length];
        InteropLibrary interop = InteropLibrary.getUncached();
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = interop.asString(arguments[i]);
            } catch (UnsupportedMessageException e) {
                throw UnsupportedTypeException.create(arguments, "takes texts only");
            }
        }
        Object result = body.apply(texts);
        return result == null ? 0 : result;
    }
}
