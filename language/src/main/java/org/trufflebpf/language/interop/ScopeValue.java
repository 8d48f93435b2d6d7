package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a debugger shows of a program that it has stopped: values as they were then. */
@ExportLibrary(InteropLibrary.class)
public final class ScopeValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("scope", ScopeValue.class);

    private final String name;
    private final Map<String, Object> members;
    private final ScopeValue parent;

    /** @param parent the scope around it, or null */
    public ScopeValue(String name, Map<String, Object> members, ScopeValue parent) {
        this.name = name;
        this.members = members;
        this.parent = parent;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isScope() {
        return true;
    }

    @ExportMessage
    boolean hasScopeParent() {
        return parent != null;
    }

    @ExportMessage
    Object getScopeParent() throws UnsupportedMessageException {
        if (parent == null) {
            throw UnsupportedMessageException.create();
        }
        return parent;
    }

    /** A scope's members are its own and those of the scopes around it, its own first. */
    @Override
    protected Map<String, Object> members() {
        if (parent == null) {
            return members;
        }
        Map<String, Object> all = new LinkedHashMap<>(members);
        parent.members().forEach(all::putIfAbsent);
        return all;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return name;
    }
}
