package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.language.EbpfLanguage;

/** A kind of value of the language, as tools and other languages ask for it. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public final class MetaObject implements TruffleObject {
    private final String name;
    private final Class<? extends EbpfValue> values;

    public MetaObject(String name, Class<? extends EbpfValue> values) {
        this.name = name;
        this.values = values;
    }

    @ExportMessage
    boolean isMetaObject() {
        return true;
    }

    @ExportMessage
    String getMetaSimpleName() {
        return name;
    }

    @ExportMessage
    String getMetaQualifiedName() {
        return name;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMetaInstance(Object instance) {
        return values.isInstance(instance);
    }

    @ExportMessage
    boolean hasLanguage() {
        return true;
    }

    @ExportMessage
    Class<? extends TruffleLanguage<?>> getLanguage() {
        return EbpfLanguage.class;
    }

    @ExportMessage
    String toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return name;
    }
}
