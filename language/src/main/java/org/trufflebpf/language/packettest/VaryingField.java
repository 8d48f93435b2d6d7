package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A field of a packet template that has several values.
 *
 * @param layer its header's place in the template, from 0, or -1
 * @param edit number of the edit that gives it the values, from 0, or -1
 */
record VaryingField(int layer, int edit, Header header, Field field, Variation values) {
    /** Those of a template: of its headers first, in the order of the wire, then those of its edits. */
    static List<VaryingField> of(PacketTemplate packet) {
        List<VaryingField> fields = new ArrayList<>();
        if (packet.base() instanceof PacketTemplate.Base.Headers headers) {
            for (int i = 0; i < headers.layers().size(); i++) {
                Layer layer = headers.layers().get(i);
                for (Field field : layer.header().fields()) {
                    if (layer.values().get(field) instanceof FieldValue.Varying(Variation values)) {
                        fields.add(new VaryingField(i, -1, layer.header(), field, values));
                    }
                }
            }
        }
        for (int i = 0; i < packet.edits().size(); i++) {
            if (packet.edits().get(i) instanceof PacketTemplate.Edit.Set(Change.OfField change)
                    && change.value() instanceof FieldValue.Varying(Variation values)) {
                fields.add(new VaryingField(-1, i, change.header(), change.field(), values));
            }
        }
        return fields;
    }

    /** How many packets a template stands for: one for each combination of the values of its fields; {@code most + 1} if they are more than that. */
    static long combinations(PacketTemplate packet, int most) {
        long combinations = 1;
        for (VaryingField field : of(packet)) {
            long size = field.values.size();
            if (size > most || combinations * size > most) {
                return most + 1L;
            }
            combinations *= size;
        }
        return combinations;
    }

    /** The template with one of those combinations, counted from 0. The values of the first field follow each other. */
    static PacketTemplate combination(PacketTemplate packet, long number) {
        PacketTemplate combination = packet;
        long rest = number;
        for (VaryingField field : of(packet)) {
            combination = field.in(combination, field.values.value(rest % field.values.size()));
            rest /= field.values.size();
        }
        return combination;
    }

    /** The template with one value in this field. */
    PacketTemplate in(PacketTemplate packet, byte[] value) {
        FieldValue exactly = new FieldValue.Exactly(value);
        if (packet.base() instanceof PacketTemplate.Base.Headers headers && layer >= 0) {
            List<Layer> layers = new ArrayList<>(headers.layers());
            Map<Field, FieldValue> fields = new HashMap<>(layers.get(layer).values());
            fields.put(field, exactly);
            layers.set(layer, new Layer(header, fields));
            return new PacketTemplate(packet.position(), new PacketTemplate.Base.Headers(layers), packet.edits());
        }
        List<PacketTemplate.Edit> edits = new ArrayList<>(packet.edits());
        Change.OfField change = (Change.OfField) ((PacketTemplate.Edit.Set) edits.get(edit)).change();
        edits.set(edit, new PacketTemplate.Edit.Set(new Change.OfField(change.position(), header, change.occurrence(), field, exactly)));
        return new PacketTemplate(packet.position(), packet.base(), edits);
    }

    /** The value 0 or 1; in a range of wide values their common upper bits stay. */
    byte[] small(int value) {
        byte[] bytes = new byte[field.valueBytes()];
        if (values instanceof Variation.Range range) {
            System.arraycopy(range.first(), 0, bytes, 0, Math.max(0, bytes.length - Long.BYTES));
        }
        bytes[bytes.length - 1] = (byte) value;
        return bytes;
    }

    /** The field's first bit in the packet, in which nothing varies. */
    int place(PacketTemplate packet, PacketBuilder.Captures captures) throws PacketTestException, IOException {
        if (packet.base() instanceof PacketTemplate.Base.Headers headers && layer >= 0) {
            return PacketBuilder.places(headers.layers()).get(layer).offset() * Byte.SIZE + field.bit();
        }
        return bit(packet, edit, (Change.OfField) ((PacketTemplate.Edit.Set) packet.edits().get(edit)).change(), captures);
    }

    /** The first bit of the field that an edit is about, in the packet that the edits before it make. */
    static int bit(PacketTemplate packet, int edit, Change.OfField change, PacketBuilder.Captures captures) throws PacketTestException, IOException {
        PacketTemplate before = new PacketTemplate(packet.position(), packet.base(), packet.edits().subList(0, edit));
        DecodedLayer layer = PacketDecoder.find(PacketDecoder.decode(PacketBuilder.build(before, captures)), change);
        if (layer == null) {
            throw PacketBuilder.noSuchHeader(change);
        }
        return layer.offset() * Byte.SIZE + change.field().bit();
    }
}
