package org.trufflebpf.language.interop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Things of an object by name. */
final class Dictionary extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("dictionary", Dictionary.class);

    private final String content;
    private final Map<String, Object> members;

    /** @param content what the things are, in the plural */
    Dictionary(String content, Map<String, ?> members) {
        this.content = content;
        this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    @Override
    Map<String, Object> members() {
        return members;
    }

    @Override
    MetaObject kind() {
        return KIND;
    }

    @Override
    String describe() {
        return content + ": " + (members.isEmpty() ? "none" : String.join(", ", members.keySet()));
    }
}
