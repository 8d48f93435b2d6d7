package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.nodes.Node;
import java.util.Map;

/** A guest exception that says in members, for programs, what its message says for people. Any thread may read them. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("serial")
public abstract class ExceptionWithMembers extends AbstractTruffleException {

    /** @param location where guest code threw it, or null */
    protected ExceptionWithMembers(String message, Node location) {
        super(message, location);
    }

    /** Interop values by name, in their order: those that are known. */
    protected abstract Map<String, Object> members();

    @ExportMessage
    @SuppressWarnings("static-method")
    public final boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    public final Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return Values.of(members().keySet());
    }

    @ExportMessage
    @TruffleBoundary
    public final boolean isMemberReadable(String member) {
        return members().containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    public final Object readMember(String member) throws UnknownIdentifierException {
        Object value = members().get(member);
        if (value == null) {
            throw UnknownIdentifierException.create(member);
        }
        return value;
    }
}
