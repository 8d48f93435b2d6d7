package org.trufflebpf.language.packettest;

/** A difference between two packets. */
public sealed interface Change {
    /** Where the test file says so. */
    Position position();

    /**
     * A header field has another value.
     *
     * @param occurrence which of several headers of that kind, from 1, outermost first
     */
    record OfField(Position position, Header header, int occurrence, Field field, FieldValue value) implements Change {
    }

    /**
     * Bytes at a place have other values.
     *
     * @param offset from the packet's first byte
     * @param bytes callers must not change the array
     */
    record OfBytes(Position position, int offset, byte[] bytes) implements Change {
    }
}
