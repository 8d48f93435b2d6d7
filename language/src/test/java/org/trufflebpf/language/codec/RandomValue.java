package org.trufflebpf.language.codec;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.trufflebpf.language.codec.Layout.Choice;
import org.trufflebpf.language.codec.Layout.Field;
import org.trufflebpf.language.codec.Layout.Floating;
import org.trufflebpf.language.codec.Layout.Number;
import org.trufflebpf.language.codec.Layout.Opaque;
import org.trufflebpf.language.codec.Layout.Sequence;
import org.trufflebpf.language.codec.Layout.Structure;
import org.trufflebpf.language.codec.Layout.Text;
import org.trufflebpf.language.codec.Layout.Truth;

/** Values as a dump writes them. */
final class RandomValue {
    private RandomValue() {
    }

    static JsonElement of(Layout layout, Random random) {
        return switch (layout) {
            case Number number -> new JsonPrimitive(number(number, random));
            case Truth _ -> new JsonPrimitive(random.nextBoolean());
            case Choice choice -> {
                List<Long> fitting = choice.values().values().stream().filter(value -> Bits.isInRange(choice.number(), BigInteger.valueOf(value))
                        || !choice.number().signed()).toList();
                yield new JsonPrimitive(choice.names().get(fitting.get(random.nextInt(fitting.size()))));
            }
            case Floating(int size) when size == Float.BYTES -> new JsonPrimitive(random.nextFloat());
            case Floating _ -> new JsonPrimitive(random.nextGaussian());
            case Text(int size) -> new JsonPrimitive(random.ints(random.nextInt(size), 'A', 'z').collect(StringBuilder::new,
                    StringBuilder::appendCodePoint, StringBuilder::append).toString());
            case Sequence sequence when Encoder.isByte(sequence.element()) -> bytes(sequence.size(), random);
            case Sequence sequence -> {
                JsonArray array = new JsonArray();
                for (int i = 0; i < sequence.count(); i++) {
                    array.add(of(sequence.element(), random));
                }
                yield array;
            }
            case Structure structure -> {
                JsonObject object = new JsonObject();
                add(object, structure, random);
                yield object;
            }
            case Opaque opaque -> bytes(opaque.size(), random);
        };
    }

    private static JsonPrimitive bytes(int size, Random random) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return new JsonPrimitive(HexFormat.of().formatHex(bytes));
    }

    /** The bounds more often than by chance. */
    private static BigInteger number(Number number, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Bits.least(number);
            case 1 -> Bits.most(number);
            default -> Bits.least(number).add(new BigInteger(number.width(), random));
        };
    }

    private static void add(JsonObject object, Structure structure, Random random) {
        int most = structure.fields().stream().mapToInt(field -> field.layout().size()).max().orElse(0);
        for (Field field : structure.fields()) {
            if (structure.union() && field.layout().size() < most) {
                continue;
            }
            if (field.isAnonymous()) {
                add(object, (Structure) field.layout(), random);
            } else if (!(field.layout() instanceof Opaque opaque && opaque.reserved())) {
                object.add(field.name(), of(field.layout(), random));
            }
            if (structure.union()) {
                return;
            }
        }
    }
}
