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

    /**
     * @param members its own; nobody changes them afterwards
     * @param parent what is around it, whose members it has, too, unless its own hide them; or null
     */
    public ScopeValue(String name, Map<String, Object> members, ScopeValue parent) {
        this.name = name;
        this.parent = parent;
        Map<String, Object> all = new LinkedHashMap<>(members);
        if (parent != null) {
            parent.members.forEach(all::putIfAbsent);
        }
        this.members = all;
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

    /** The last one around it, or itself. */
    public ScopeValue outermost() {
        return parent == null ? this : parent.outermost();
    }

    @Override
    protected Map<String, Object> members() {
        return members;
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
