package org.trufflebpf.language.codec;

/** A value whose parts have types in C. */
public interface TypedParts {
    /** The member as other languages read it, or, of a number whose type is known, a {@link TypedNumber}; null if there is none of that name. */
    default Object typedMember(@SuppressWarnings("unused") String name) {
        return null;
    }

    /** As {@link #typedMember}, of an element; null where there is none. */
    default Object typedElement(@SuppressWarnings("unused") long index) {
        return null;
    }
}
