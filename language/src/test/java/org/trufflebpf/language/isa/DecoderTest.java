package org.trufflebpf.language.isa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs as wholes. */
class DecoderTest {

    static List<String> rejectedEncodings() {
        return Rows.of(DecoderTest.class, "rejected-encodings.txt");
    }

    static List<String> rejectedStructures() {
        return Rows.of(DecoderTest.class, "rejected-structures.txt");
    }

    static List<String> acceptedStructures() {
        return Rows.of(DecoderTest.class, "accepted-structures.txt");
    }

    static List<String> rfcOnly() {
        return Rows.of(DecoderTest.class, "rfc-only.txt");
    }

    private static String rejection(byte[] code) {
        MalformedCodeException e = assertThrows(MalformedCodeException.class, () -> Rows.decode(code, Strictness.KERNEL));
        return e.slot() + ": " + e.getMessage();
    }

    @ParameterizedTest
    @MethodSource("rejectedEncodings")
    void rejectsEncodings(String row) {
        String[] columns = row.split("  ", 3);
        assertEquals(columns[1] + ": " + columns[2], rejection(HexFormat.of().parseHex(columns[0])));
    }

    @ParameterizedTest
    @MethodSource("rejectedStructures")
    void rejectsStructures(String row) {
        String[] columns = row.split(" +=> ");
        assertEquals(columns[1], rejection(Rows.assemble(columns[0])));
    }

    @ParameterizedTest
    @MethodSource("acceptedStructures")
    void acceptsStructures(String row) throws MalformedCodeException {
        byte[] code = Rows.assemble(row);
        assertEquals(code.length / 8, Rows.decode(code, Strictness.KERNEL).slots().size());
    }

    @ParameterizedTest
    @MethodSource("rfcOnly")
    void strictnessDecides(String row) throws MalformedCodeException {
        byte[] code = Rows.assemble(row);
        assertThrows(MalformedCodeException.class, () -> Rows.decode(code, Strictness.KERNEL));
        assertEquals(code.length / 8, Rows.decode(code, Strictness.RFC_9669).slots().size());
    }

    @Test
    void functionsStartWhereTheyAreCalled() throws MalformedCodeException {
        byte[] code = Rows.assemble("r2 = h ll / call f / call f / exit / g: exit / f: call g / exit / h: exit");
        assertArrayEquals(new int[] {0, 5, 6, 8}, Rows.decode(code, Strictness.KERNEL).functionStarts());
    }

    @Test
    void rejectsNothingAndTooMuch() {
        assertEquals("0: the program has no instructions", rejection(new byte[0]));
        assertEquals("1000000: 1000001 instructions are too many, the limit is 1000000", rejection(new byte[8 * (Decoder.MAX_SLOTS + 1)]));
    }

    private enum Shape {
        STRAIGHT {
            @Override
            Instruction at(int slot) {
                return new Instruction.Negate(true, 1);
            }
        },
        /** Two instructions each, and each calls the next: as many functions as there can be, nested as deep as can be. */
        CALLS {
            @Override
            Instruction at(int slot) {
                boolean last = slot + 2 >= Decoder.MAX_SLOTS;
                return slot % 2 != 0 ? new Instruction.Exit() : last ? STRAIGHT.at(slot) : new Instruction.CallLocal(slot + 2);
            }
        },
        BRANCHES {
            @Override
            Instruction at(int slot) {
                return new Instruction.Branch(Instruction.Condition.EQ, true, 0, new Instruction.Immediate(0), Math.max(slot - 30_000, 0));
            }
        };

        abstract Instruction at(int slot);
    }

    /** The longest programs there are, in forms that a recursive or a quadratic check would not survive. */
    @ParameterizedTest
    @EnumSource(Shape.class)
    void timeIsProportionalToLength(Shape shape) {
        byte[] code = new byte[8 * Decoder.MAX_SLOTS];
        for (int slot = 0; slot < Decoder.MAX_SLOTS - 1; slot++) {
            Encoder.encode(shape.at(slot), slot, code);
        }
        Encoder.encode(new Instruction.Exit(), Decoder.MAX_SLOTS - 1, code);
        assertTimeout(Duration.ofSeconds(20), () -> {
            try {
                assertEquals(Decoder.MAX_SLOTS, Rows.decode(code, Strictness.KERNEL).slots().size());
            } catch (MalformedCodeException e) {
                assertEquals(Shape.CALLS, shape);
                assertEquals("calls nest deeper than 8 frames", e.getMessage());
            }
        });
    }

    /** Random bytes, and programs of valid instructions with some bytes changed, decode or are malformed, and nothing else. */
    @Test
    void survivesAnything() {
        Random random = new Random(9669);
        List<byte[]> instructions = InstructionTest.instructions().stream().map(row -> HexFormat.of().parseHex(row.split(" +", 2)[0])).toList();
        int decoded = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] code = round % 2 == 0 ? noise(random) : mutant(random, instructions);
            Strictness strictness = Strictness.values()[round / 2 % 2];
            try {
                Code result = Decoder.decode(code, Map.of(0, new MapReference("m", random.nextBoolean())), Map.of(1, "k"), strictness);
                assertEquals(code.length / 8, result.slots().size());
                decoded++;
            } catch (MalformedCodeException e) {
                assertEquals(Math.clamp(e.slot(), 0, Math.max(code.length / 8, 0)), e.slot(), e.getMessage());
            }
        }
        assertEquals(decoded, Math.clamp(decoded, 100, 199_900), "the fuzzer should find programs of both kinds");
    }

    private static byte[] noise(Random random) {
        byte[] code = new byte[random.nextInt(200)];
        random.nextBytes(code);
        return code;
    }

    private static byte[] mutant(Random random, List<byte[]> instructions) {
        byte[] code = new byte[0];
        int length = 1 + random.nextInt(6);
        for (int i = 0; i < length; i++) {
            byte[] instruction = instructions.get(random.nextInt(instructions.size()));
            code = Arrays.copyOf(code, code.length + instruction.length);
            System.arraycopy(instruction, 0, code, code.length - instruction.length, instruction.length);
        }
        code = Arrays.copyOf(code, code.length + 8);
        code[code.length - 8] = (byte) 0x95;
        int changes = random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            code[random.nextInt(code.length)] = (byte) random.nextInt();
        }
        return code;
    }
}
