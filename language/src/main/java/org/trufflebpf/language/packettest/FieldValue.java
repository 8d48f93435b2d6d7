package org.trufflebpf.language.packettest;

/** What a test file says of a field. */
public sealed interface FieldValue {
    /**
     * @param bits right-aligned in as many bytes as the field needs; for a variable field its bytes. Callers must not change the array
     */
    record Exactly(byte[] bits) implements FieldValue {
    }

    /** Whatever the rest of the packet makes right: {@code checksum=ok}. */
    record Computed() implements FieldValue {
    }

    /** One of several; only in templates of generated packets. */
    record Varying(Variation values) implements FieldValue {
    }

    /** Not compared; only in expectations. */
    record Any() implements FieldValue {
    }
}
