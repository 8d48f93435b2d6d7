package org.trufflebpf.language.scope;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.language.interop.MetaObject;
import org.trufflebpf.language.interop.ValueWithMembers;

/** Something that a debugger shows in one line and opens on request. */
final class FieldsValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("fields", FieldsValue.class);

    private final String text;
    private final Map<String, Object> members;

    FieldsValue(String text, Map<String, ?> members) {
        this.text = text;
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
        return text;
    }
}
