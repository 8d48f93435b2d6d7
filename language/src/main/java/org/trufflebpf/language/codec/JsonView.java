package org.trufflebpf.language.codec;

import com.google.gson.JsonElement;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.maps.Values;

/** An object, an array or null of JSON as codecs see it. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class JsonView implements TruffleObject {
    private final JsonElement element;

    JsonView(JsonElement element) {
        this.element = element;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isNull() {
        return element.isJsonNull();
    }

    @ExportMessage
    @TruffleBoundary
    boolean hasMembers() {
        return element.isJsonObject();
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) throws UnsupportedMessageException {
        if (!hasMembers()) {
            throw UnsupportedMessageException.create();
        }
        return Values.of(element.getAsJsonObject().keySet());
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return hasMembers() && element.getAsJsonObject().has(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException, UnsupportedMessageException {
        if (!hasMembers()) {
            throw UnsupportedMessageException.create();
        }
        if (!isMemberReadable(member)) {
            throw UnknownIdentifierException.create(member);
        }
        return Json.view(element.getAsJsonObject().get(member));
    }

    @ExportMessage
    @TruffleBoundary
    boolean hasArrayElements() {
        return element.isJsonArray();
    }

    @ExportMessage
    @TruffleBoundary
    long getArraySize() throws UnsupportedMessageException {
        if (!hasArrayElements()) {
            throw UnsupportedMessageException.create();
        }
        return element.getAsJsonArray().size();
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementReadable(long index) {
        return hasArrayElements() && index >= 0 && index < element.getAsJsonArray().size();
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException, UnsupportedMessageException {
        if (!hasArrayElements()) {
            throw UnsupportedMessageException.create();
        }
        if (!isArrayElementReadable(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        return Json.view(element.getAsJsonArray().get((int) index));
    }
}
