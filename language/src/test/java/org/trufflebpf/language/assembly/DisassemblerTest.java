package org.trufflebpf.language.assembly;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.Size;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.isa.Rows;

class DisassemblerTest {

    private static final int RANDOM_INSTRUCTIONS = 20_000;

    static List<String> instructions() {
        return Rows.of(Rows.class, "instructions.txt");
    }

    private static Instruction decode(byte[] code) throws MalformedCodeException {
        return Decoder.decodeOne(code, 0, Map.of(), Map.of());
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void writesLlvmSyntaxAndReadsIt(String row) throws MalformedCodeException, AssemblyException {
        String[] columns = row.split(" +", 2);
        byte[] code = HexFormat.of().parseHex(columns[0]);
        assertEquals(columns[1], Disassembler.text(decode(code), 0));
        assertArrayEquals(code, Assembler.assemble("row", columns[1]).programs().getFirst().code());
    }

    @Test
    void namesMapsAndFunctions() {
        Disassembler.Symbols symbols = new Disassembler.Symbols() {
            @Override
            public String label(int slot) {
                return slot == 7 ? "end" : null;
            }

            @Override
            public String function(int slot) {
                return slot == 9 ? "parse" : null;
            }
        };
        assertEquals("r1 = counters ll", Disassembler.text(new Instruction.LoadMap(1, "counters"), 3, symbols));
        assertEquals("r1 = \"two words\\u000a\" ll", Disassembler.text(new Instruction.LoadMap(1, "two words\n"), 3, symbols));
        assertEquals("r1 = \"r2\" ll", Disassembler.text(new Instruction.LoadMap(1, "r2"), 3, symbols));
        assertEquals("r1 = .data+0x8 ll", Disassembler.text(new Instruction.LoadMapValue(1, ".data", 8), 3, symbols));
        assertEquals("r1 = .data-0x1 ll", Disassembler.text(new Instruction.LoadMapValue(1, ".data", -1), 3, symbols));
        assertEquals("r2 = parse ll", Disassembler.text(new Instruction.LoadFunction(2, 9), 3, symbols));
        assertEquals("ld_pseudo\tr2, 0x4, 0x6", Disassembler.text(new Instruction.LoadFunction(2, 10), 3, symbols));
        assertEquals("call parse", Disassembler.text(new Instruction.CallLocal(9), 3, symbols));
        assertEquals("call -0x3", Disassembler.text(new Instruction.CallLocal(1), 3, symbols));
        assertEquals("goto end", Disassembler.text(new Instruction.Jump(7, false), 3, symbols));
        assertEquals("gotol +0x4", Disassembler.text(new Instruction.Jump(8, true), 3, symbols));
        assertEquals("call bpf_rdonly_cast", Disassembler.text(new Instruction.CallKfunc("bpf_rdonly_cast"), 3, symbols));
    }

    /** The same instructions with random fields, against llvm-objdump itself. */
    @Test
    void agreesWithLlvm(@TempDir Path folder) throws IOException, InterruptedException, MalformedCodeException {
        boolean there = there("llvm-mc-19") && there("llvm-objdump-19");
        if (!there) {
            System.out.println("skipped: llvm-mc-19 and llvm-objdump-19 are not on the path");
        }
        assumeTrue(there, "llvm-mc-19 and llvm-objdump-19 are not on the path");
        List<byte[]> encodings = randomEncodings();
        StringBuilder source = new StringBuilder();
        for (byte[] code : encodings) {
            List<String> bytes = new ArrayList<>();
            for (byte b : code) {
                bytes.add(Integer.toString(b & 0xff));
            }
            source.append(".byte ").append(String.join(",", bytes)).append('\n');
        }
        Path text = Files.writeString(folder.resolve("code.s"), source);
        Path object = folder.resolve("code.o");
        output(List.of("llvm-mc-19", "--triple=bpfel", "--filetype=obj", "-o", object.toString(), text.toString()));
        List<String> plain = dump(object, "v1");
        List<String> narrow = dump(object, "v4");
        assertEquals(encodings.size(), plain.size());
        int slot = 0;
        for (int i = 0; i < encodings.size(); i++) {
            Instruction instruction = Decoder.decodeOne(encodings.get(i), 0, Map.of(), Map.of());
            boolean narrowAtomic = instruction instanceof Instruction.Atomic atomic && atomic.size() == Size.WORD;
            assertEquals(narrowAtomic ? narrow.get(i) : plain.get(i), Disassembler.text(instruction, 0), "slot " + slot);
            slot += instruction.slotCount();
        }
    }

    private static List<byte[]> randomEncodings() throws MalformedCodeException {
        Random random = new Random(19);
        List<String> rows = instructions();
        List<byte[]> encodings = new ArrayList<>();
        while (encodings.size() < RANDOM_INSTRUCTIONS) {
            byte[] code = HexFormat.of().parseHex(rows.get(random.nextInt(rows.size())).split(" +", 2)[0]);
            int change = 1 + random.nextInt(code.length - 1);
            code[change] = (byte) random.nextInt();
            try {
                Instruction instruction = decode(code);
                boolean known = switch (instruction) {
                    case Instruction.LoadAcquire _, Instruction.StoreRelease _, Instruction.LoadFunction _, Instruction.CallLocal _ -> false;
                    default -> true;
                };
                if (known) {
                    encodings.add(code);
                }
            } catch (MalformedCodeException e) {
                assertEquals(0, e.slot());
            }
        }
        return encodings;
    }

    private static List<String> dump(Path object, String version) throws IOException, InterruptedException {
        String output = output(List.of("llvm-objdump-19", "-d", "--no-show-raw-insn", "--mcpu=" + version, object.toString()));
        return output.lines().filter(line -> line.matches(" *\\d+:.*"))
                .map(line -> line.replaceFirst("^ *\\d+:\\s*", "").replaceFirst(" <[^<>]*[+-]0x[0-9a-f]+>$", "")).toList();
    }

    private static boolean there(String command) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command::toString);
        return output;
    }
}
