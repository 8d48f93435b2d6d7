package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/**
 * A number that people and other languages see as a text: an address, a place in memory, flags.
 *
 * @param bits of the number, unsigned; those above {@code width} are 0
 * @param width bits, 1 to 64
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public record NumberText(String text, long bits, int width) implements TruffleObject {
    @ExportMessage
    boolean isString() {
        return true;
    }

    @ExportMessage
    String asString() {
        return text;
    }

    @ExportMessage
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }
}
