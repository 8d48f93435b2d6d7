package org.trufflebpf.language.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfBuilder;
import org.trufflebpf.language.btf.MalformedBtfException;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapException;

/** Types that no compiler makes: their values are bytes, or are decoded, soon. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileTypesTest {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final int STRUCT = 4;
    private static final int UNION = 5;

    private final BtfBuilder builder = new BtfBuilder();
    private final int number = builder.add("int", 1, false, 0, 4, 32);

    /** A struct or union of 4 bytes whose members all lie at its start. */
    private int overlapping(int kind, int count, int type, String prefix) {
        int[] members = IntStream.range(0, count)
                .flatMap(i -> IntStream.of(prefix.isEmpty() ? 0 : builder.string(prefix + i), type, 0)).toArray();
        return builder.add("s", kind, false, count, 4, members);
    }

    /** Shows, reads back and encodes; gives what the dump says. */
    private static String use(Codec codec, byte[] bytes) {
        Object value = codec.decode(bytes);
        INTEROP.toDisplayString(value, false);
        String shown = Json.of(codec, bytes).toString();
        assertArrayEquals(bytes, codec.encode(Json.view(JsonParser.parseString(shown))));
        return shown;
    }

    private String use(int type) {
        return use(BtfCodec.of(builder.parse(), type, 4), new byte[] {1, 2, 3, 4});
    }

    @Test
    void structOfItself() {
        assertEquals("{\"m\":\"01020304\"}", use(builder.add("s", STRUCT, false, 1, 4, builder.string("m"), 2, 0)));
    }

    @Test
    void unnamedStructOfItself() {
        assertEquals("\"01020304\"", use(builder.add("s", STRUCT, false, 1, 4, 0, 2, 0)));
    }

    @Test
    void deepStructs() {
        int type = number;
        for (int i = 0; i < 10_000; i++) {
            type = builder.add("s", STRUCT, false, 1, 4, builder.string("m"), type, 0);
        }
        String shown = use(type);
        assertTrue(shown.startsWith("{\"m\":{\"m\":") && shown.length() < 500 && shown.contains("\"01020304\""), shown);
    }

    @Test
    void deepArrays() {
        int type = number;
        for (int i = 0; i < 10_000; i++) {
            type = builder.add("", 3, false, 0, 0, type, number, 1);
        }
        // Too deep for its size to be known, so no map of it is typed.
        assertEquals(Codec.untyped(4), BtfCodec.of(builder.parse(), type, 4));
    }

    @Test
    void structsThatMultiply() {
        int type = number;
        for (int i = 0; i < 30; i++) {
            type = overlapping(STRUCT, 1000, type, "m");
        }
        assertEquals("\"01020304\"", use(type));
    }

    @Test
    void unionsThatMultiply() {
        int type = number;
        for (int i = 0; i < 30; i++) {
            type = overlapping(UNION, 1000, type, "m");
        }
        assertTrue(use(type).contains("\"m0\":67305985"));
    }

    @Test
    void unnamedMembersThatMultiply() {
        int named = overlapping(STRUCT, 1000, number, "m");
        int twice = builder.add("s", STRUCT, false, 2, 4, 0, named, 0, 0, named, 0);
        assertEquals("\"01020304\"", use(twice));
        int type = named;
        for (int i = 0; i < 2000; i++) {
            type = builder.add("s", STRUCT, false, 2, 4, 0, type, 0, builder.string("x" + i), number, 0);
        }
        use(type);
    }

    @Test
    void unnamedMembersOfNothing() {
        int type = builder.add("s", STRUCT, false, 0, 4);
        for (int i = 0; i < 30; i++) {
            type = overlapping(STRUCT, 1000, type, "");
        }
        assertEquals("\"01020304\"", use(type));
    }

    @Test
    void arraysOfNothing() {
        int nothing = builder.add("s", STRUCT, false, 0, 0);
        int endless = builder.add("", 3, false, 0, 0, nothing, number, -1);
        assertEquals("{\"m\":\"\",\"n\":67305985}",
                use(builder.add("s", STRUCT, false, 2, 4, builder.string("m"), endless, 0, builder.string("n"), number, 0)));
    }

    @Test
    void oddNumbers() {
        int wide = builder.add("odd", 1, false, 0, 1, 255);
        assertEquals("\"01\"", use(BtfCodec.of(builder.parse(), wide, 1), new byte[] {1}));
        int old = builder.add("old", 1, false, 0, 4, 1 << 24 | 9 << 16 | 7);
        // Bits 12 to 18; the others are nobody's.
        int struct = builder.add("s", STRUCT, false, 1, 4, builder.string("m"), old, 3);
        assertEquals("\"01020304\"", use(struct));
        Codec codec = BtfCodec.of(builder.parse(), struct, 4);
        assertEquals("{\"m\":48}", use(codec, new byte[] {0, 0, 3, 0}));
    }

    @Test
    void changedTypesOfAnObject() throws IOException {
        byte[] object;
        try (InputStream stream = HostileTypesTest.class.getResourceAsStream("/objects/types.o")) {
            object = stream.readAllBytes();
        }
        byte[] types = section(object);
        Random random = new Random(3);
        int used = 0;
        for (int round = 0; round < 1500; round++) {
            byte[] changed = types.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                changed[24 + random.nextInt(changed.length - 24)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(32));
            }
            try {
                Btf btf = Btf.parse(changed);
                for (int id = 1; id < btf.count(); id += 1 + random.nextInt(8)) {
                    long size = btf.sizeOf(id);
                    if (size > 0 && size < 4096 && BtfCodec.of(btf, id, (int) size) instanceof BtfCodec codec) {
                        byte[] bytes = new byte[codec.size()];
                        random.nextBytes(bytes);
                        use(codec, bytes);
                        try {
                            codec.encode(Json.view(JsonParser.parseString("{\"v4\": 1, \"family\": 2, \"whole\": 3}")));
                        } catch (MapException e) {
                            assertEquals(1, e.getMessage().lines().count());
                        }
                        used++;
                    }
                }
            } catch (MalformedBtfException e) {
                // Refused before any codec sees it.
            }
        }
        assertTrue(used > 4000, () -> "few of the changed types can be used");
    }

    /** The bytes of the object's type information: from its magic number to where its header says that it ends. */
    private static byte[] section(byte[] object) {
        ByteBuffer buffer = ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0;; at++) {
            if (buffer.getInt(at) == 0x0001eb9f && buffer.getInt(at + 4) == 24) {
                int length = 24 + buffer.getInt(at + 16) + buffer.getInt(at + 20);
                byte[] section = new byte[length];
                buffer.get(at, section);
                return section;
            }
        }
    }
}
