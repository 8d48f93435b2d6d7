package org.trufflebpf.language.scope;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.language.codec.TypedParts;

/** The members of a decoded struct or section; numbers with their types where these are known. */
final class Members {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private Members() {
    }

    /** @throws UnsupportedMessageException if the value has none */
    static Map<String, Object> of(Object value) throws UnsupportedMessageException {
        Map<String, Object> members = new LinkedHashMap<>();
        Object names = INTEROP.getMembers(value);
        try {
            for (long i = 0; i < INTEROP.getArraySize(names); i++) {
                String name = INTEROP.asString(INTEROP.readArrayElement(names, i));
                members.put(name, value instanceof TypedParts parts ? parts.typedMember(name) : INTEROP.readMember(value, name));
            }
        } catch (InvalidArrayIndexException | UnknownIdentifierException e) {
            throw new IllegalStateException("members that a value names can be read", e);
        }
        return members;
    }
}
