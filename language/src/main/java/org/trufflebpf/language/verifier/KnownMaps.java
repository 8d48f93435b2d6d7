package org.trufflebpf.language.verifier;

/**
 * What maps hold as long as an analysis is good for: it takes elements for constants, and where nobody writes them values too. Maps go by the numbers
 * of the program's {@link MapTable}, elements by numbers that these contents give, from 0. Answers never change. What an implementation does not
 * override is not known.
 */
public interface KnownMaps {
    /** {@link #find}: no element has this key. */
    int ABSENT = -1;
    /** {@link #find}: nothing is known. */
    int UNKNOWN = -2;
    /** Of no map anything is known. */
    KnownMaps NONE = new KnownMaps() {
    };

    /** The element that a lookup finds; {@link #ABSENT} where it certainly finds none. @param key as long as the map's keys */
    default int find(int map, byte[] key) {
        return UNKNOWN;
    }

    /** Whether lookups certainly find nothing, whatever the key. */
    default boolean isEmpty(int map) {
        return false;
    }

    /** The value of an element that {@link #find} gave, or null where it can change; callers must not change the array. */
    default byte[] value(int map, int element) {
        return null;
    }
}
