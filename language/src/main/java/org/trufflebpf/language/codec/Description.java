package org.trufflebpf.language.codec;

import java.util.HexFormat;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;

/** A value as one line for people, cut where it gets long. */
final class Description {
    /** In characters, but for the last number or text. */
    private static final int LONGEST = 400;
    private static final int MAX_BYTES = 32;

    private final byte[] bytes;
    private final StringBuilder text = new StringBuilder();

    private Description(byte[] bytes) {
        this.bytes = bytes;
    }

    static String of(Layout layout, byte[] bytes, int offset) {
        Description description = new Description(bytes);
        description.add(layout, offset);
        return description.text.toString();
    }

    private void add(Layout layout, int offset) {
        switch (layout) {
            case Number number -> text.append(Bits.read(number, bytes, offset));
            case Truth truth -> text.append(Decoder.isTrue(truth, bytes, offset));
            case Choice choice -> {
                String name = Decoder.name(choice, bytes, offset);
                text.append(name == null ? Bits.read(choice.number(), bytes, offset) : name);
            }
            case Floating(int size) -> text.append(size == Float.BYTES ? Decoder.floatAt(bytes, offset) : Decoder.doubleAt(bytes, offset));
            case Text(int size) -> {
                String content = size > LONGEST ? null : Decoder.text(bytes, offset, size);
                if (content == null) {
                    addBytes(offset, size);
                } else {
                    text.append('"').append(content).append('"');
                }
            }
            case Sequence sequence -> {
                text.append('[');
                for (int i = 0; i < sequence.count() && separated(i); i++) {
                    add(sequence.element(), offset + i * sequence.element().size());
                }
                text.append(']');
            }
            case Structure structure -> {
                text.append('{');
                int i = 0;
                for (Field field : structure.fields()) {
                    if (!separated(i++)) {
                        break;
                    }
                    text.append(field.isAnonymous() ? "" : field.name() + ": ");
                    add(field.layout(), offset + field.offset());
                }
                text.append('}');
            }
            case Opaque opaque -> addBytes(offset, opaque.size());
        }
    }

    /** Whether there is room for part {@code index}; says so otherwise. */
    private boolean separated(int index) {
        boolean room = text.length() < LONGEST;
        text.append(index == 0 ? "" : ", ").append(room ? "" : "...");
        return room;
    }

    private void addBytes(int offset, int size) {
        text.append(HexFormat.of().formatHex(bytes, offset, offset + Math.min(size, MAX_BYTES))).append(size > MAX_BYTES ? "..." : "");
    }
}
