package org.trufflebpf.language.codec;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.RedirectTarget;
import org.trufflebpf.maps.WholeNumber;

/**
 * Keys and values as JSON, by their types: structs are objects, of unions only the largest member (of several the first) is written, enums are
 * names where they have one, bytes and arrays of {@code __u8} are strings of hexadecimal digits. Without a type, and where the typed form would
 * not say every byte (padding that is not zero, a bool of 2) or be endless, the whole value is such a string. Reading gives the same bytes again.
 */
public final class Json {
    /** Numbers, texts and the like in one value. */
    private static final int MAX_PARTS = 1 << 20;
    /** More than any integer type takes. */
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,40}");

    private final byte[] bytes;
    private int parts;

    private Json(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @param bytes of the codec's size */
    public static JsonElement of(Codec codec, byte[] bytes) {
        if (codec.typed() instanceof BtfCodec typed) {
            try {
                JsonElement element = new Json(bytes).of(typed.layout(), 0);
                if (element != null && Arrays.equals(typed.encode(view(element)), bytes)) {
                    return element;
                }
            } catch (MapException e) {
                // A union of nothing but what only programs may touch cannot be written by its members.
            }
            return hex(bytes, 0, bytes.length);
        }
        // Programs and maps, which another instance may know by other numbers.
        return switch (codec.decode(bytes)) {
            case String program -> new JsonPrimitive(program);
            case BpfMap map -> new JsonPrimitive(map.name());
            case RedirectTarget target -> of(target);
            default -> hex(bytes, 0, bytes.length);
        };
    }

    private static JsonObject of(RedirectTarget target) {
        JsonObject object = new JsonObject();
        object.addProperty(target.member(), target.number());
        if (target.program() != null) {
            object.addProperty(RedirectTarget.PROGRAM, target.program());
        }
        return object;
    }

    /** What codecs read in its place. A string of hexadecimal digits is a buffer, too. */
    public static Object view(JsonElement element) {
        if (!(element instanceof JsonPrimitive primitive)) {
            return new JsonView(element);
        }
        if (primitive.isBoolean()) {
            return primitive.getAsBoolean();
        }
        String text = primitive.getAsString();
        if (primitive.isNumber()) {
            return WHOLE.matcher(text).matches() ? WholeNumber.of(new BigInteger(text)) : (Object) Double.valueOf(text);
        }
        byte[] buffer = parseHex(text);
        return buffer == null ? text : (Object) new TextValue(text, buffer, 0, buffer.length);
    }

    /** The bytes that a string of hexadecimal digits says, if it is one and says that many. */
    public static Optional<byte[]> bytes(JsonElement element, int size) {
        byte[] read = element instanceof JsonPrimitive primitive && primitive.isString() ? parseHex(primitive.getAsString()) : null;
        return Optional.ofNullable(read).filter(each -> each.length == size);
    }

    private static byte[] parseHex(String text) {
        String digits = text.replace(" ", "");
        return digits.length() % 2 == 0 && digits.chars().allMatch(HexFormat::isHexDigit) ? HexFormat.of().parseHex(digits) : null;
    }

    private static JsonPrimitive hex(byte[] bytes, int offset, int size) {
        return new JsonPrimitive(HexFormat.of().formatHex(bytes, offset, offset + size));
    }

    /** Null when it has too many parts. */
    private JsonElement of(Layout layout, int offset) {
        if (++parts > MAX_PARTS) {
            return null;
        }
        return switch (layout) {
            case Number number -> new JsonPrimitive(Bits.read(number, bytes, offset));
            case Truth truth -> new JsonPrimitive(Decoder.isTrue(truth, bytes, offset));
            case Choice choice -> {
                String name = Decoder.name(choice, bytes, offset);
                yield name == null ? new JsonPrimitive(Bits.read(choice.number(), bytes, offset)) : new JsonPrimitive(name);
            }
            case Floating(int size) when size == Float.BYTES -> {
                float number = Decoder.floatAt(bytes, offset);
                yield Float.isFinite(number) ? new JsonPrimitive(number) : hex(bytes, offset, size);
            }
            case Floating(int size) -> {
                double number = Decoder.doubleAt(bytes, offset);
                yield Double.isFinite(number) ? new JsonPrimitive(number) : hex(bytes, offset, size);
            }
            case Text(int size) -> {
                String text = Decoder.text(bytes, offset, size);
                yield text == null ? hex(bytes, offset, size) : new JsonPrimitive(text);
            }
            case Sequence sequence when Encoder.isByte(sequence.element()) -> hex(bytes, offset, sequence.size());
            case Sequence sequence -> array(sequence, offset);
            case Structure structure -> {
                JsonObject object = new JsonObject();
                yield add(object, structure, offset) ? object : null;
            }
            case Opaque opaque -> hex(bytes, offset, opaque.size());
        };
    }

    private JsonArray array(Sequence sequence, int offset) {
        JsonArray array = new JsonArray();
        for (int i = 0; i < sequence.count(); i++) {
            JsonElement element = of(sequence.element(), offset + i * sequence.element().size());
            if (element == null) {
                return null;
            }
            array.add(element);
        }
        return array;
    }

    private boolean add(JsonObject object, Structure structure, int offset) {
        Field only = structure.union() ? largest(structure) : null;
        for (Field field : structure.fields()) {
            int at = offset + field.offset();
            if (only != null && field != only || isUntouched(field.layout(), at)) {
                continue;
            }
            if (field.isAnonymous()) {
                if (!add(object, (Structure) field.layout(), at)) {
                    return false;
                }
            } else {
                JsonElement element = of(field.layout(), at);
                if (element == null) {
                    return false;
                }
                object.add(field.name(), element);
            }
        }
        return true;
    }

    private static Field largest(Structure union) {
        Field largest = null;
        for (Field field : union.fields()) {
            largest = largest == null || field.layout().size() > largest.layout().size() ? field : largest;
        }
        return largest;
    }

    /** Whether it is left out as nobody else's business. */
    private boolean isUntouched(Layout layout, int offset) {
        return layout instanceof Opaque opaque && opaque.reserved()
                && Arrays.equals(bytes, offset, offset + opaque.size(), new byte[opaque.size()], 0, opaque.size());
    }
}
