package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.List;
import org.trufflebpf.maps.Values;

/** The value of an enum for other languages: a number whose member {@code name} is what C calls it. */
@ExportLibrary(value = InteropLibrary.class, delegateTo = "number")
@SuppressWarnings("static-method")
final class EnumValue implements TruffleObject {
    private static final String NAME = "name";

    final Object number;
    private final String name;

    EnumValue(Object number, String name) {
        this.number = number;
        this.name = name;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return Values.of(List.of(NAME));
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return member.equals(NAME);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        if (!member.equals(NAME)) {
            throw UnknownIdentifierException.create(member);
        }
        return name;
    }

    @ExportMessage
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return name;
    }
}
