package org.trufflebpf.language.codec;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.util.Set;

/** The parts of another language's object by name: the entries of a hash, as of Java's maps, which have methods as members, or the members. */
record Members(Object object) {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** Whether a value has parts with names. What is an array, too, has them by number. */
    static boolean has(Object value) {
        return INTEROP.hasHashEntries(value) || INTEROP.hasMembers(value) && !INTEROP.hasArrayElements(value) && !INTEROP.isNumber(value)
                && !INTEROP.isString(value);
    }

    boolean has(String name) {
        return INTEROP.hasHashEntries(object) ? INTEROP.isHashEntryReadable(object, name) : INTEROP.isMemberReadable(object, name);
    }

    Object get(String name) throws InteropException {
        return INTEROP.hasHashEntries(object) ? INTEROP.readHashValue(object, name) : INTEROP.readMember(object, name);
    }

    /** The first name that is none of these, or null. Methods do not count. */
    String firstBut(Set<String> names) throws InteropException {
        if (INTEROP.hasHashEntries(object)) {
            Object keys = INTEROP.getHashKeysIterator(object);
            while (INTEROP.hasIteratorNextElement(keys)) {
                Object key = INTEROP.getIteratorNextElement(keys);
                String name = INTEROP.isString(key) ? INTEROP.asString(key) : INTEROP.asString(INTEROP.toDisplayString(key, false));
                if (!names.contains(name)) {
                    return name;
                }
            }
            return null;
        }
        Object members = INTEROP.getMembers(object);
        for (long i = 0; i < INTEROP.getArraySize(members); i++) {
            String name = INTEROP.asString(INTEROP.readArrayElement(members, i));
            if (!names.contains(name) && !INTEROP.isMemberInvocable(object, name)) {
                return name;
            }
        }
        return null;
    }
}
