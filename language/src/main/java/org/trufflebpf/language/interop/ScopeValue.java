package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Map;

/** What a debugger shows of a program that it has stopped: values as they were then. */
@ExportLibrary(InteropLibrary.class)
public final class ScopeValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("scope", ScopeValue.class);

    private final String name;
    private final Map<String, Object> members;

    /** @param members nobody changes them afterwards */
    public ScopeValue(String name, Map<String, Object> members) {
        this.name = name;
        this.members = members;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isScope() {
        return true;
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
