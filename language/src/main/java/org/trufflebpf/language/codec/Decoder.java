package org.trufflebpf.language.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.WholeNumber;

/** From bytes to what other languages see. */
final class Decoder {
    private Decoder() {
    }

    /** The interop value at {@code bytes[offset]}; parts of structures and arrays are decoded when they are asked for. */
    static Object decode(Layout layout, byte[] bytes, int offset) {
        return switch (layout) {
            case Number number -> number(number, bytes, offset);
            case Truth truth -> isTrue(truth, bytes, offset);
            case Choice choice -> {
                Object value = number(choice.number(), bytes, offset);
                String name = name(choice, bytes, offset);
                yield name == null ? value : new EnumValue(value, name);
            }
            case Floating(int size) -> size == Float.BYTES ? (Object) floatAt(bytes, offset) : (Object) doubleAt(bytes, offset);
            case Text(int size) -> {
                String text = text(bytes, offset, size);
                yield text == null ? bytes(bytes, offset, size) : new TextValue(text, bytes, offset, size);
            }
            case Sequence sequence -> new ArrayValue(sequence, bytes, offset);
            case Structure structure -> new StructValue(structure, bytes, offset);
            case Opaque opaque -> bytes(bytes, offset, opaque.size());
        };
    }

    /** The same, of a number of at most 64 bits with its type. */
    static Object typed(Layout layout, byte[] bytes, int offset) {
        return withType(layout, decode(layout, bytes, offset));
    }

    /** What was decoded by a layout; a number of at most 64 bits with its type. */
    static Object withType(Layout layout, Object value) {
        Number number = switch (layout) {
            case Number plain -> plain;
            case Choice choice -> choice.number();
            default -> null;
        };
        return number == null || number.width() > Long.SIZE ? value : new TypedNumber(value, number.width(), number.signed(), number.bigEndian());
    }

    private static Object number(Number number, byte[] bytes, int offset) {
        if (number.width() > Long.SIZE) {
            return WholeNumber.of(Bits.read(number, bytes, offset));
        }
        long value = Bits.readLong(number, bytes, offset);
        return value < 0 && !number.signed() ? WholeNumber.ofUnsigned(value) : WholeNumber.of(value);
    }

    private static Object bytes(byte[] bytes, int offset, int size) {
        return Codec.bytes(size).decode(Arrays.copyOfRange(bytes, offset, offset + size));
    }

    static boolean isTrue(Truth truth, byte[] bytes, int offset) {
        return Bits.read(truth.number(), bytes, offset).signum() != 0;
    }

    /** Null when the number has none. */
    static String name(Choice choice, byte[] bytes, int offset) {
        return choice.names().get(Bits.readLong(choice.number(), bytes, offset));
    }

    static float floatAt(byte[] bytes, int offset) {
        return Float.intBitsToFloat((int) Bits.readLong(new Number(0, Float.SIZE, true, false), bytes, offset));
    }

    static double doubleAt(byte[] bytes, int offset) {
        return Double.longBitsToDouble(Bits.readLong(new Number(0, Double.SIZE, true, false), bytes, offset));
    }

    /** The text of a char array, or null when it is not printable UTF-8 followed by zeros to the end, at least one. */
    static String text(byte[] bytes, int offset, int size) {
        int end = offset + size;
        while (end > offset && bytes[end - 1] == 0) {
            end--;
        }
        if (end == offset + size) {
            return null;
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, end - offset)).toString();
            return text.chars().anyMatch(Character::isISOControl) ? null : text;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
