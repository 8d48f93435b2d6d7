package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.function.Function;

/** A function of the language. */
@ExportLibrary(InteropLibrary.class)
public final class BuiltinFunction extends EbpfValue {
    private static final MetaObject KIND = new MetaObject("function", BuiltinFunction.class);

    private final String name;
    private final Body body;

    /** What it does. */
    @FunctionalInterface
    public interface Body {
        Object execute(Object[] arguments) throws UnsupportedTypeException, ArityException;
    }

    public BuiltinFunction(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    /**
     * A function that takes texts, as a command line does.
     *
     * @param body gives a text, a number or, for nothing, null, which becomes 0
     */
    static BuiltinFunction command(String name, Function<String[], Object> body) {
        return new BuiltinFunction(name, arguments -> {
            Object result = body.apply(texts(arguments));
            return result == null ? 0 : result;
        });
    }

    private static String[] texts(Object[] arguments) throws UnsupportedTypeException {
        String[] texts = new String[arguments.length];
        InteropLibrary interop = InteropLibrary.getUncached();
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = interop.asString(arguments[i]);
            } catch (UnsupportedMessageException e) {
                throw UnsupportedTypeException.create(arguments, "takes texts only");
            }
        }
        return texts;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isExecutable() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments) throws UnsupportedTypeException, ArityException {
        return body.execute(arguments);
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean hasExecutableName() {
        return true;
    }

    @ExportMessage
    Object getExecutableName() {
        return name;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return "function " + name;
    }
}
