package org.trufflebpf.language.interop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Things of an object by name. */
public final class Dictionary extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("dictionary", Dictionary.class);

    private final String text;
    private final Map<String, Object> members;

    /** @param content what the things are, in the plural */
    public Dictionary(String content, Map<String, ?> members) {
        this(members, content + ": " + (members.isEmpty() ? "none" : String.join(", ", members.keySet())));
    }

    private Dictionary(Map<String, ?> members, String text) {
        this.text = text;
        this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** @param text what people see of it in one line */
    public static Dictionary saying(String text, Map<String, ?> members) {
        return new Dictionary(members, text);
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
        return text;
    }
}
