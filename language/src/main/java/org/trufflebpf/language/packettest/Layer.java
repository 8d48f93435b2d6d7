package org.trufflebpf.language.packettest;

import java.util.Map;

/**
 * A header of a packet to be built.
 *
 * @param values fields that the test file gives; all others take their default or follow from the other layers
 */
public record Layer(Header header, Map<Field, FieldValue> values) {
    public Layer {
        values = Map.copyOf(values);
    }

    /** The bytes given for {@code field}, or null. */
    byte[] given(Field field) {
        return values.get(field) instanceof FieldValue.Exactly exactly ? exactly.bits() : null;
    }
}
