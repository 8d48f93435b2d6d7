package org.trufflebpf.language.interop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Things of an object by name. */
public final class Dictionary extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("dictionary", Dictionary.class);

    private final String content;
    private final Map<String, Object> members;

    /** @param content what the things are, in the plural */
    public Dictionary(String content, Map<String, ?> members) {
        this.content = content;
        this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
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
        return content + ": " + (members.isEmpty() ? "none" : String.join(", ", members.keySet()));
    }
}
