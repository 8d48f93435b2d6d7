package org.trufflebpf.tests.specialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.tests.safety.EnteredContext;

/** A lookup among known keys finds what the map's own table finds, in keys of all forms and wherever they lie. */
class KnownKeysTest {
    private static final int PACKETS = 400;
    private static final int FEW = 16;
    private static final int MANY = 512;
    private static final int MISSING = 0x7fff_ffff;

    private static EnteredContext context;

    @BeforeAll
    static void enter() {
        context = new EnteredContext(1000);
    }

    @AfterAll
    static void leave() {
        context.close();
    }

    /** Looks up the packet's first bytes, and returns the value's first four. @param place of the key, bytes below the frame pointer */
    private static String program(String kind, int keySize, int place) {
        List<String> lines = new ArrayList<>(List.of(".map table " + kind + " " + keySize + " 8 1024" + (kind.equals("lpm_trie") ? " 1" : ""),
                "main: r6 = *(u32 *)(r1 + 0)", "r7 = *(u32 *)(r1 + 4)", "r0 = 0", "r2 = r6", "r2 += " + keySize, "if r2 > r7 goto out"));
        for (int i = 0; i < keySize; i++) {
            lines.add("r1 = *(u8 *)(r6 + " + i + ")");
            lines.add("*(u8 *)(r10 - " + (place - i) + ") = r1");
        }
        lines.addAll(List.of("r1 = table ll", "r2 = r10", "r2 += -" + place, "call bpf_map_lookup_elem", "if r0 == 0 goto none",
                "r0 = *(u32 *)(r0 + 0)", "exit",
                "none: r0 = " + MISSING, "out: exit"));
        return String.join("\n", lines);
    }

    /** Of few different bytes, so that keys are found and prefixes begin others. */
    private static byte[] key(SplittableRandom random, String kind, int size, boolean mayBeTooLong) {
        byte[] key = new byte[size];
        for (int i = 0; i < size; i++) {
            key[i] = (byte) (random.nextInt(8) == 0 ? 0x81 : 0x80);
        }
        if (kind.equals("lpm_trie")) {
            int bits = random.nextInt(8 * (size - 4) + 1);
            System.arraycopy(SpecializedProgram.bytes(mayBeTooLong && random.nextInt(10) == 0 ? 8 * size : bits), 0, key, 0, 4);
        }
        return key;
    }

    private static void fill(SpecializedProgram program, byte[] key, int number) {
        byte[] value = new byte[program.map("table").controlValueSize()];
        System.arraycopy(SpecializedProgram.bytes(number + 1), 0, value, 0, 4);
        program.put("table", key, value);
    }

    @ParameterizedTest
    @CsvSource({"hash,1,8", "hash,3,5", "hash,4,4", "hash,7,8", "hash,8,8", "hash,12,16", "hash,12,12", "hash,16,16", "hash,20,24", "hash,20,31",
            "hash,31,32",
            "hash,32,40", "percpu_hash,4,8", "percpu_hash,20,24", "lpm_trie,5,8", "lpm_trie,8,8", "lpm_trie,8,12", "lpm_trie,20,24",
            "lpm_trie,32,32"})
    void fewAreCompared(String kind, int keySize, int place) throws Exception {
        SplittableRandom random = new SplittableRandom(keySize);
        try (SpecializedProgram program = new SpecializedProgram(program(kind, keySize, place))) {
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < FEW; i++) {
                byte[] key = key(random, kind, keySize, false);
                fill(program, key, i);
                packets.add(key);
            }
            for (int i = 0; i < PACKETS; i++) {
                packets.add(key(random, kind, keySize, true));
            }
            List<Integer> expected = packets.stream().map(program::run).toList();
            assertTrue(expected.stream().distinct().count() > 1, "all the same");
            assertTrue(program.program().specializeInterpreted());
            assertEquals(List.of("map table has few keys, " + program.map("table").size()), program.statistics().folded());
            assertEquals(expected, packets.stream().map(program::run).toList());
        }
    }

    /**
     * Keys of random bits, which one word tells apart, and keys that only all words do. One is all zeros, or those packets find none.
     *
     * @param bits of each byte of a key that vary
     */
    @ParameterizedTest
    @CsvSource({"hash,1,8,0xff,true", "hash,3,5,0xff,false", "hash,4,4,0xff,true", "hash,7,8,0x81,false", "hash,8,8,0xff,false",
            "hash,12,16,0x81,true",
            "hash,12,12,0xff,false", "hash,16,16,0x01,true", "hash,20,31,0x01,false", "hash,31,32,0x01,true", "hash,32,40,0xff,false",
            "percpu_hash,4,8,0xff,true",
            "percpu_hash,20,24,0x01,false"})
    void manyHavePlacesOfTheirOwn(String kind, int keySize, int place, String bits, boolean withZero) throws Exception {
        SplittableRandom random = new SplittableRandom(keySize);
        try (SpecializedProgram program = new SpecializedProgram(program(kind, keySize, place))) {
            List<byte[]> packets = new ArrayList<>(List.of(new byte[keySize]));
            for (int i = 0; i < MANY + PACKETS; i++) {
                byte[] key = new byte[keySize];
                for (int at = 0; at < keySize; at++) {
                    key[at] = (byte) (random.nextInt() & Integer.decode(bits));
                }
                packets.add(key);
            }
            for (int i = withZero ? 0 : 1; program.map("table").size() < MANY && i < MANY && (keySize > 1 || i < MANY / 4); i++) {
                fill(program, packets.get(i), i);
            }
            if (!withZero) {
                program.map("table").remove(new byte[keySize]);
            }
            List<Integer> expected = packets.stream().map(program::run).toList();
            assertTrue(expected.contains(MISSING) && expected.stream().distinct().count() > FEW, "too few");
            assertEquals(withZero, expected.getFirst() != MISSING);
            assertTrue(program.program().specializeInterpreted());
            assertEquals(List.of("map table has " + program.map("table").size() + " keys with a place of their own each"),
                    program.statistics().folded());
            assertEquals(expected, packets.stream().map(program::run).toList());
        }
    }
}
