package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Map;
import org.trufflebpf.language.codec.TypedNumber;
import org.trufflebpf.language.codec.TypedParts;
import org.trufflebpf.maps.Values;

/** A value whose members are known when it is made, in their order, and only read. Those that can be executed can be invoked. */
@ExportLibrary(InteropLibrary.class)
public abstract class ValueWithMembers extends EbpfValue implements TypedParts {

    /** The same each time; nobody changes it. Numbers may have types: other languages see them without. */
    protected abstract Map<String, Object> members();

    @ExportMessage
    @SuppressWarnings("static-method")
    final boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    final Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return Values.of(members().keySet());
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isMemberReadable(String member) {
        return members().containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    final Object readMember(String member) throws UnknownIdentifierException {
        Object value = members().get(member);
        if (value == null) {
            throw UnknownIdentifierException.create(member);
        }
        return value instanceof TypedNumber number ? number.value() : value;
    }

    @Override
    public final Object typedMember(String name) {
        return members().get(name);
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isMemberInvocable(String member) {
        Object value = members().get(member);
        return value != null && InteropLibrary.getUncached().isExecutable(value);
    }

    @ExportMessage
    @TruffleBoundary
    final Object invokeMember(String member, Object[] arguments)
                    throws UnknownIdentifierException, UnsupportedMessageException, UnsupportedTypeException, ArityException {
        return InteropLibrary.getUncached().execute(readMember(member), arguments);
    }
}
