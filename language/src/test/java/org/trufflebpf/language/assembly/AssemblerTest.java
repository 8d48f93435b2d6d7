package org.trufflebpf.language.assembly;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

class AssemblerTest {

    private static final String COUNT = """
            .license "Dual MIT/GPL"
            .map counters percpu_array 4 8 5
            .map .data 2 4 16 1 0x400       # flags
            .extern bpf_xdp_metadata_rx_hash

            .program count "xdp/devmap"
                *(u32 *)(r10 - 4) = 0       // the key
                r2 = r10; and this is a comment, too
                r2 += -4
                r1 = counters ll
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                call bump
            out: r0 = 2
                exit
            bump:
                w1 = 1
                lock *(u64 *)(r0 + 0x0) += r1
                r3 = .data+8 ll
                call bpf_xdp_metadata_rx_hash
                r4 = helper ll
                exit
            helper: exit
            .program drop
            .globl never
                r0 = 1
                exit
            never:
                exit
            """;

    static List<String> errors() {
        return Rows.of(AssemblerTest.class, "errors.txt");
    }

    @ParameterizedTest
    @MethodSource("errors")
    void saysWhatItExpected(String row) {
        String[] columns = row.split(" +=> ", 2);
        AssemblyException e = assertThrows(AssemblyException.class, () -> Assembler.assemble("in.s", columns[0].replace(" / ", "\n")));
        assertEquals("in.s:" + columns[1], e.getMessage());
        assertEquals(columns[1].split(": ")[0], e.line() + ":" + e.column());
    }

    @Test
    void makesObjects() throws AssemblyException, MalformedCodeException {
        ObjectSpec object = Assembler.assemble("count.s", COUNT);
        assertEquals("Dual MIT/GPL", object.license());
        assertEquals(List.of("counters", ".data"), object.maps().stream().map(MapSpec::name).toList());
        assertEquals(List.of(6, 2), object.maps().stream().map(MapSpec::type).toList());
        assertEquals(List.of(0, 0x400), object.maps().stream().map(MapSpec::flags).toList());
        ProgramSpec count = object.program("count").orElseThrow();
        assertEquals("xdp/devmap", count.section());
        assertEquals(List.of(new ProgramSpec.Function(0, "count"), new ProgramSpec.Function(10, "bump"), new ProgramSpec.Function(18, "helper")),
                count.functions());
        assertEquals(Map.of(3, new MapReference("counters", false), 12, new MapReference(".data", true)), count.references());
        assertEquals(Map.of(14, "bpf_xdp_metadata_rx_hash"), count.kfuncs());
        assertEquals(new ProgramSpec.Line(8, "count.s", 14, 6, "out: r0 = 2"), count.lineAt(8));
        List<Instruction> slots = Decoder.decode(count.code(), count.references(), count.kfuncs()).slots();
        assertEquals(new Instruction.CallHelper(1), slots.get(5));
        assertEquals(new Instruction.CallLocal(10), slots.get(7));
        assertEquals(new Instruction.LoadMapValue(3, ".data", 8), slots.get(12));
        assertEquals(new Instruction.LoadFunction(4, 18), slots.get(15));
        assertEquals(List.of(new ProgramSpec.Function(0, "drop"), new ProgramSpec.Function(2, "never")),
                object.program("drop").orElseThrow().functions());
    }

    @Test
    void namesProgramsByTheirFirstLabel() throws AssemblyException {
        assertEquals("pass", Assembler.assemble("pass.s", "pass:\n r0 = 2\n again: exit").programs().getFirst().name());
        assertEquals("main", Assembler.assemble("pass.s", "r0 = 2\nexit").programs().getFirst().name());
    }

    @Test
    void farLabelsNeedGotol() throws AssemblyException {
        String far = "r0 = 0\n".repeat(32_768) + "end: exit";
        AssemblyException e = assertThrows(AssemblyException.class, () -> Assembler.assemble("far.s", "goto end\n" + far));
        assertEquals("far.s:1:6: label end is more than 32767 instructions away, use gotol", e.getMessage());
        assertEquals(32_770, Assembler.assemble("far.s", "gotol end\n" + far).programs().getFirst().code().length / 8);
    }

    @Test
    void readsBackWhatListingsWrite() throws AssemblyException {
        assertSame(Assembler.assemble("count.s", COUNT));
    }

    /** Names that a hostile file may choose: they look like something else, or break lines. */
    @Test
    void readsBackHostileNames() throws AssemblyException {
        List<String> names = List.of("r1", "w10", "ll", "le16", "exit", "a b", "x\ny", "\"", "\\", "L3", "F2", "ünï", "", "xchg_64", ";", "\u2028");
        for (String name : names) {
            byte[] code = HexFormat.of().parseHex("18110000000000000000000000000000" + "8510000002000000" + "0500ffff00000000" + "9500000000000000"
                    + "8520000000000000" + "9500000000000000");
            ProgramSpec program = new ProgramSpec(name, name, code, Map.of(0, new MapReference(name, false)),
                    List.of(new ProgramSpec.Function(0, name), new ProgramSpec.Function(5, name)),
                    List.of(new ProgramSpec.Line(0, "a\nb", 1, 1, "\n exit \u2028 exit")), Map.of(5, "k" + name));
            assertSame(new ObjectSpec(List.of(program), List.of(MapSpec.of(name, 99, 4, 4, 1)), null, name));
        }
    }

    @Test
    void readsBackRandomPrograms() throws AssemblyException {
        Random random = new Random(16);
        List<String> rows = DisassemblerTest.instructions();
        for (int round = 0; round < 2000; round++) {
            byte[] code = new byte[0];
            int length = 1 + random.nextInt(40);
            for (int i = 0; i < length; i++) {
                byte[] instruction = HexFormat.of().parseHex(rows.get(random.nextInt(rows.size())).split(" +", 2)[0]);
                code = Arrays.copyOf(code, code.length + instruction.length);
                System.arraycopy(instruction, 0, code, code.length - instruction.length, instruction.length);
            }
            assertSame(new ObjectSpec(List.of(ProgramSpec.of("p", code, Map.of())), List.of(), null, ""));
        }
    }

    private static void assertSame(ObjectSpec object) throws AssemblyException {
        String source = Listing.source(object);
        ObjectSpec again = Assembler.assemble("again.s", source);
        assertEquals(object.license(), again.license(), source);
        assertEquals(object.maps().toString(), again.maps().toString(), source);
        assertEquals(object.programs().size(), again.programs().size(), source);
        for (int i = 0; i < object.programs().size(); i++) {
            ProgramSpec before = object.programs().get(i);
            ProgramSpec after = again.programs().get(i);
            assertEquals(before.name(), after.name(), source);
            assertEquals(before.section(), after.section(), source);
            assertArrayEquals(before.code(), after.code(), source);
            assertEquals(before.references(), after.references(), source);
            assertEquals(before.kfuncs(), after.kfuncs(), source);
        }
    }

    /** Random text only ever gives an object or an error. */
    @Test
    void survivesAnything() {
        Random random = new Random(7);
        String[] words = COUNT.split("(?<=\\W)|(?=\\W)");
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(30);
            for (int i = 0; i < length; i++) {
                text.append(random.nextInt(20) == 0 ? Character.toString(random.nextInt(0x300)) : words[random.nextInt(words.length)]);
                text.append(random.nextInt(3) == 0 ? " " : "");
            }
            try {
                Assembler.assemble("noise", text.toString());
            } catch (AssemblyException e) {
                assertEquals(1, e.getMessage().lines().count(), text.toString());
            }
        }
    }
}
