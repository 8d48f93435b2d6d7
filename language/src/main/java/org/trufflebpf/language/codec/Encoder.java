package org.trufflebpf.language.codec;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.MapException;

/** From values of other languages to the bytes of one value. */
final class Encoder {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private final byte[] bytes;

    private Encoder(int size) {
        bytes = new byte[size];
    }

    /** @throws MapException when the value does not fit: names the part and what it takes */
    static byte[] encode(Layout layout, Object value) {
        try {
            Encoder encoder = new Encoder(layout.size());
            encoder.encode(layout, value, 0, Place.ROOT);
            return encoder.bytes;
        } catch (InteropException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
    }

    private void encode(Layout layout, Object value, int offset, Place place) throws InteropException {
        boolean done = switch (layout) {
            case Number number -> encode(number, number(value), offset) || encodeRaw(layout, value, offset);
            case Truth truth -> encode(truth.number(), truth(value), offset) || encodeRaw(layout, value, offset);
            case Choice choice -> encode(choice, value, offset) || encodeRaw(layout, value, offset);
            case Floating floating -> encode(floating, value, offset) || encodeRaw(layout, value, offset);
            case Text text -> encode(text, value, offset) || encodeRaw(layout, value, offset);
            case Opaque _ -> encodeRaw(layout, value, offset);
            case Sequence sequence -> encodeRaw(layout, value, offset) || encode(sequence, value, offset, place);
            case Structure structure -> encodeRaw(layout, value, offset) || encode(structure, value, offset, place);
        };
        if (!done) {
            throw Mismatch.of(place, layout, value);
        }
    }

    /** Null for what is no whole number. */
    private static BigInteger number(Object value) throws InteropException {
        if (INTEROP.fitsInLong(value)) {
            return BigInteger.valueOf(INTEROP.asLong(value));
        }
        return INTEROP.fitsInBigInteger(value) ? INTEROP.asBigInteger(value) : null;
    }

    private static BigInteger truth(Object value) throws InteropException {
        if (INTEROP.isBoolean(value)) {
            return INTEROP.asBoolean(value) ? BigInteger.ONE : BigInteger.ZERO;
        }
        BigInteger number = number(value);
        return BigInteger.ONE.equals(number) || BigInteger.ZERO.equals(number) ? number : null;
    }

    private boolean encode(Number number, BigInteger value, int offset) {
        if (value == null || !Bits.isInRange(number, value)) {
            return false;
        }
        Bits.write(number, value, bytes, offset);
        return true;
    }

    /** Numbers without a name are taken too: enums are often sets of bits. */
    private boolean encode(Choice choice, Object value, int offset) throws InteropException {
        if (!INTEROP.isString(value)) {
            return encode(choice.number(), number(value), offset);
        }
        Long named = choice.values().get(INTEROP.asString(value));
        return named != null && encode(choice.number(), choice.number().signed() ? BigInteger.valueOf(named) : Bits.unsigned(named), offset);
    }

    /** Rounds to the nearest float. */
    private boolean encode(Floating floating, Object value, int offset) throws InteropException {
        if (!INTEROP.fitsInDouble(value)) {
            return false;
        }
        double number = INTEROP.asDouble(value);
        boolean single = floating.size() == Float.BYTES;
        if (single && Double.isFinite(number) && !Float.isFinite((float) number)) {
            return false;
        }
        long bits = single ? Float.floatToRawIntBits((float) number) : Double.doubleToRawLongBits(number);
        Bits.write(new Number(0, floating.size() * Byte.SIZE, true, false), BigInteger.valueOf(bits), bytes, offset);
        return true;
    }

    private boolean encode(Text text, Object value, int offset) throws InteropException {
        if (!INTEROP.isString(value)) {
            return false;
        }
        byte[] content = INTEROP.asString(value).getBytes(StandardCharsets.UTF_8);
        if (content.length > Mismatch.longestText(text)) {
            return false;
        }
        System.arraycopy(content, 0, bytes, offset, content.length);
        return true;
    }

    /** A buffer of the layout's size, or, for what is no array of anything else, an array of so many bytes. */
    private boolean encodeRaw(Layout layout, Object value, int offset) throws InteropException {
        if (isPartOfByte(layout)) {
            return false;
        }
        if (INTEROP.hasBufferElements(value)) {
            if (INTEROP.getBufferSize(value) == layout.size()) {
                INTEROP.readBuffer(value, 0, bytes, offset, layout.size());
                return true;
            }
        } else if (INTEROP.hasArrayElements(value) && !INTEROP.hasHashEntries(value) && INTEROP.getArraySize(value) == layout.size()
                && (!(layout instanceof Sequence sequence) || isByte(sequence.element()))) {
            return encodeBytes(value, layout.size(), offset);
        }
        return false;
    }

    private static boolean isPartOfByte(Layout layout) {
        return switch (layout) {
            case Number number -> number.shift() != 0 || number.width() % Byte.SIZE != 0;
            case Truth(Number number) -> isPartOfByte(number);
            case Choice choice -> isPartOfByte(choice.number());
            case Floating _, Text _, Sequence _, Structure _, Opaque _ -> false;
        };
    }

    static boolean isByte(Layout layout) {
        return layout instanceof Number number && number.width() == Byte.SIZE && !number.signed();
    }

    /** From 0 to 255, or from -128 as Java's bytes are. */
    private boolean encodeBytes(Object array, int count, int offset) throws InteropException {
        for (int i = 0; i < count; i++) {
            Object element = INTEROP.readArrayElement(array, i);
            if (!INTEROP.fitsInInt(element) || INTEROP.asInt(element) < Byte.MIN_VALUE || INTEROP.asInt(element) > 0xff) {
                return false;
            }
            bytes[offset + i] = (byte) INTEROP.asInt(element);
        }
        return true;
    }

    private boolean encode(Sequence sequence, Object value, int offset, Place place) throws InteropException {
        if (!INTEROP.hasArrayElements(value) || INTEROP.getArraySize(value) != sequence.count()) {
            return false;
        }
        for (int i = 0; i < sequence.count(); i++) {
            encode(sequence.element(), INTEROP.readArrayElement(value, i), offset + i * sequence.element().size(), place.element(i));
        }
        return true;
    }

    private boolean encode(Structure structure, Object value, int offset, Place place) throws InteropException {
        if (!Members.has(value)) {
            return false;
        }
        Members members = new Members(value);
        String unknown = members.firstBut(structure.members().keySet());
        if (unknown != null) {
            throw Mismatch.unknownMember(place, structure, unknown);
        }
        encode(structure, members, offset, place);
        return true;
    }

    private void encode(Structure structure, Members members, int offset, Place place) throws InteropException {
        List<Field> fields = structure.fields();
        if (structure.union() && !fields.isEmpty()) {
            fields = fields.stream().filter(field -> isGiven(field, members)).toList();
            if (fields.size() != 1) {
                throw Mismatch.notOneMember(place, structure, fields);
            }
        }
        for (Field field : fields) {
            int at = offset + field.offset();
            if (field.isAnonymous()) {
                encode((Structure) field.layout(), members, at, place);
            } else if (members.has(field.name())) {
                encode(field.layout(), members.get(field.name()), at, place.member(field.name()));
            } else if (!isOptional(field.layout())) {
                throw Mismatch.missing(place.member(field.name()), field.layout());
            }
        }
    }

    private static boolean isGiven(Field field, Members members) {
        return field.layout() instanceof Structure structure && field.isAnonymous() ? structure.members().keySet().stream().anyMatch(members::has)
                : members.has(field.name());
    }

    private static boolean isOptional(Layout layout) {
        return layout.size() == 0 || layout instanceof Opaque opaque && opaque.reserved();
    }
}
