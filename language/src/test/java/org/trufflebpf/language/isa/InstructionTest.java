package org.trufflebpf.language.isa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Instructions one by one. */
class InstructionTest {

    private static final String COUNTERS = "counters";

    static List<String> instructions() {
        return Rows.of(InstructionTest.class, "instructions.txt");
    }

    static List<String> unusedFields() {
        return Rows.of(InstructionTest.class, "unused-fields.txt");
    }

    private static byte[] code(String row) {
        return HexFormat.of().parseHex(row.split(" +", 2)[0]);
    }

    private static Instruction decode(byte[] code) throws MalformedCodeException {
        return Decoder.decodeOne(code, 0, Map.of(), Map.of());
    }

    private static byte[] encode(Instruction instruction) {
        byte[] code = new byte[instruction.slotCount() * 8];
        Encoder.encode(instruction, 0, code);
        return code;
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void encodingIsTheInverseOfDecoding(String row) throws MalformedCodeException {
        assertArrayEquals(code(row), encode(decode(code(row))));
    }

    /** Whatever single field changes, the instruction becomes another one or none: no field is overlooked. */
    @ParameterizedTest
    @MethodSource("instructions")
    void everyFieldCounts(String row) throws MalformedCodeException {
        Instruction original = decode(code(row));
        for (int bit = 0; bit < code(row).length * 8; bit++) {
            byte[] changed = code(row);
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertNotEquals(original, decode(changed), "bit " + bit);
            } catch (MalformedCodeException e) {
                assertEquals(0, e.slot());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("unusedFields")
    void unusedFieldsMustBeZero(String row) {
        String[] columns = row.split(" ");
        byte[] instruction = HexFormat.of().parseHex(columns[2]);
        byte[] program = Arrays.copyOf(instruction, instruction.length + 16);
        program[instruction.length] = (byte) 0xb7;
        program[instruction.length + 8] = (byte) 0x95;
        MalformedCodeException e = assertThrows(MalformedCodeException.class, () -> Rows.decode(program, Strictness.KERNEL));
        assertEquals(0, e.slot());
        assertEquals("opcode 0x%02x does not use its %s field".formatted(instruction[0], columns[1]), e.getMessage().split(",")[0]);
    }

    /** The rows hold every opcode that there is an instruction for, whatever the other fields. */
    @Test
    void rowsCoverEveryOpcode() {
        Set<Integer> known = new TreeSet<>();
        instructions().forEach(row -> known.add(code(row)[0] & 0xff));
        Set<Integer> decodable = new TreeSet<>();
        for (int opcode = 0; opcode < 256; opcode++) {
            for (int immediate : new int[] {0, 1, 16, 0x40, 0x100}) {
                byte[] code = new byte[16];
                new RawInstruction(opcode, 0, 0, 0, immediate).write(code, 0);
                try {
                    decode(code);
                    decodable.add(opcode);
                } catch (MalformedCodeException e) {
                    assertEquals(0, e.slot());
                }
            }
        }
        assertEquals(decodable, known);
    }

    @Test
    void mapsAreFoundByTheirSlot() throws MalformedCodeException {
        byte[] code = HexFormat.of().parseHex("18110000050000000000000000000000" + "18220000050000000000000007000000" + "9500000000000000");
        Map<Integer, MapReference> references = Map.of(0, new MapReference(COUNTERS, false), 2, new MapReference(COUNTERS, true));
        Instruction value = new Instruction.LoadMapValue(2, COUNTERS, 7);
        assertEquals(Arrays.asList(new Instruction.LoadMap(1, COUNTERS), null, value, null, new Instruction.Exit()),
                Decoder.decode(code, references, Map.of()).slots());
        Map<Integer, MapReference> confused = Map.of(0, new MapReference(COUNTERS, true), 2, new MapReference(COUNTERS, true));
        MalformedCodeException e = assertThrows(MalformedCodeException.class, () -> Decoder.decode(code, confused, Map.of()));
        assertEquals("map counters: its value is referred to, its handle used", e.getMessage());
    }

    @Test
    void kernelFunctionsAreFoundByTheirSlot() throws MalformedCodeException {
        byte[] code = HexFormat.of().parseHex("8520000000000000" + "9500000000000000");
        assertEquals(new Instruction.CallKfunc("bpf_dynptr_from_xdp"),
                Decoder.decode(code, Map.of(), Map.of(0, "bpf_dynptr_from_xdp")).slots().getFirst());
        assertArrayEquals(Arrays.copyOf(code, 8), encode(new Instruction.CallKfunc("bpf_dynptr_from_xdp")));
    }

    @Test
    void callsAndFunctionsAreRelativeToTheNextInstruction() throws MalformedCodeException {
        byte[] code = HexFormat.of().parseHex("85100000feffffff" + "1842000004000000" + "0000000000000000");
        assertEquals(new Instruction.CallLocal(-1), Decoder.decodeOne(code, 0, Map.of(), Map.of()));
        assertEquals(new Instruction.LoadFunction(2, 6), Decoder.decodeOne(code, 1, Map.of(), Map.of()));
    }
}
