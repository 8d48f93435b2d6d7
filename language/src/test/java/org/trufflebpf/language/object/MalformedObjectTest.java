package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Files that are not what the loader takes: one-line errors that say what is wrong, quickly, whatever the bytes are. */
class MalformedObjectTest {
    private static final String[] LOADABLE = TestObjects.LOADABLE;
    private static final int MUTANTS = 3000;

    private static String error(byte[] file) {
        String message = assertThrows(MalformedObjectException.class, () -> ObjectLoader.load(file, LoadOptions.defaults())).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private static byte[] changed(String object, Consumer<ByteBuffer> change) {
        ByteBuffer buffer = ByteBuffer.wrap(TestObjects.bytes(object)).order(ByteOrder.LITTLE_ENDIAN);
        change.accept(buffer);
        return buffer.array();
    }

    @Test
    void otherFiles() {
        assertEquals("this is not an ELF file: give the object that clang -target bpf -c made", error(new byte[0]));
        assertEquals("this is not an ELF file: give the object that clang -target bpf -c made", error("#!/bin/sh".getBytes()));
        assertEquals("the file is cut: it has only 20 bytes", error(Arrays.copyOf(TestObjects.bytes("values.o"), 20)));
        assertEquals("the file is big-endian: compile with -target bpfel", error(changed("values.o", file -> file.put(5, (byte) 2))));
        assertEquals("the file is not a 64-bit little-endian ELF file: compile with -target bpf",
                error(changed("values.o", file -> file.put(4, (byte) 1))));
        assertEquals("the file is for machine 62, not for BPF (247): compile with -target bpf",
                error(changed("values.o", file -> file.putShort(18, (short) 62))));
        assertEquals("the file is not an object (ELF type 2): compile with -c", error(changed("values.o", file -> file.putShort(16, (short) 2))));
    }

    @Test
    void cutFiles() {
        byte[] file = TestObjects.bytes("values.o");
        for (int length = 64; length < file.length; length += 97) {
            assertTrue(error(Arrays.copyOf(file, length)).startsWith("the file is cut"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            extern_function.o | program program, instruction 3 of section xdp (./extern_function.c:11: return checksum(copy, ctx->rx_queue_index);): \
            it calls checksum, which the object does not define; define it static or link the objects with bpftool gen object
            extern_variable.o | program program, instruction 0 of section xdp (./extern_variable.c:9: return elsewhere;): it refers to elsewhere, \
            which the object does not define
            kconfig.o | the program asks for CONFIG_HZ of the kernel's configuration: give its value with --ebpf.Kconfig=FILE, or declare it __weak
            """)
    void whatTheObjectDoesNotDefine(String object, String message) {
        assertEquals(message, error(TestObjects.bytes(object)));
    }

    @Test
    void functionsThatTheCompilerTookForGranted() {
        byte[] file = TestObjects.replaced(TestObjects.bytes("extern_function.o"), "\0checksum\0", "\0memcpy\0\0\0");
        assertTrue(error(file).endsWith("it calls memcpy, which the object does not define; use __builtin_memcpy with a small constant size"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            values.o   | inner_a     | inner_b     | two maps share byte 32 of section .maps, one is inner_b
            values.o   | max_entries | map_entries | map inner_b has the unknown field map_entries
            values.o   | .BTF        | .BTX        | section .maps needs type information: compile with -g
            legacy20.o | maps        | mops        | program program, instruction
            iproute2.o | 2/16        | 2/40        | map jumps has no slot 40 for tail, it has 32
            """)
    void namesThatDoNotFit(String object, String name, String replacement, String message) {
        String error = error(TestObjects.replaced(TestObjects.bytes(object), name, replacement));
        assertTrue(error.startsWith(message), error);
    }

    /** Any bytes give an object or a MalformedObjectException, and soon. */
    @ParameterizedTest
    @FieldSource("LOADABLE")
    void mutants(String object) {
        byte[] file = TestObjects.bytes(object);
        LoadOptions[] options = {TestObjects.OPTIONS, new LoadOptions(TestObjects.btf("core_target.btf"), TestObjects.CONFIG, Set.of())};
        Random random = new Random(object.hashCode());
        int loaded = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = mutant(file, random);
            LoadOptions chosen = options[i % options.length];
            loaded += assertTimeoutPreemptively(Duration.ofSeconds(20), () -> loads(mutant, chosen)) ? 1 : 0;
        }
        assertTrue(loaded > 0 && loaded < MUTANTS, loaded + " of " + MUTANTS + " loaded");
    }

    private static boolean loads(byte[] file, LoadOptions options) {
        try {
            // Whatever was loaded can be described: that reads all types that maps and variables have.
            ObjectInfo.describe(ObjectLoader.load(file, options));
            return true;
        } catch (MalformedObjectException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return false;
        }
    }

    private static byte[] mutant(byte[] file, Random random) {
        byte[] mutant = random.nextInt(20) == 0 ? Arrays.copyOf(file, random.nextInt(file.length)) : file.clone();
        if (mutant.length < 64) {
            return mutant;
        }
        ByteBuffer buffer = ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN);
        int[] extremes = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0xffff, 8};
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = 20 + random.nextInt(mutant.length - 28);
            switch (random.nextInt(4)) {
                case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutant[at] = (byte) random.nextInt();
                case 2 -> buffer.putInt(at & ~3, extremes[random.nextInt(extremes.length)]);
                default -> buffer.putInt(at & ~3, buffer.getInt(20 + random.nextInt(mutant.length - 28)));
            }
        }
        return mutant;
    }

    /** A table of strings that all share one long end, referred to by as many symbols as fit: quadratic for who copies each. */
    @Test
    void overlappingNames() {
        int symbols = 100_000;
        int length = 4_000_000;
        byte[] names = new byte[length];
        Arrays.fill(names, 1, length - 1, (byte) 'a');
        ElfBuilder elf = new ElfBuilder();
        int strings = elf.add(".strtab", 3, 0, names, 0, 0);
        ByteBuffer table = ByteBuffer.allocate(24 * symbols).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < symbols; i++) {
            table.putInt(24 * i, 1 + i);
        }
        elf.add(".symtab", 2, 0, table.array(), strings, 0);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> error(elf.build()));
    }

    /** Many global functions that all are the whole section. */
    @Test
    void overlappingFunctions() {
        int slots = 20_000;
        ElfBuilder elf = new ElfBuilder();
        byte[] code = new byte[8 * slots];
        for (int i = 0; i < slots; i++) {
            code[8 * i] = (byte) 0x95;
        }
        int text = elf.add("xdp", 1, 6, code, 0, 0);
        int strings = elf.add(".strtab", 3, 0, "\0f\0".getBytes(), 0, 0);
        ByteBuffer table = ByteBuffer.allocate(24 * slots).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 1; i < slots; i++) {
            table.putInt(24 * i, 1).put(24 * i + 4, (byte) 0x12).putShort(24 * i + 6, (short) text).putLong(24 * i + 8, 8L * i)
                    .putLong(24 * i + 16, 8L * (slots - i));
        }
        elf.add(".symtab", 2, 0, table.array(), strings, 0);
        assertEquals("the programs have more than 4000000 instructions together",
                assertTimeoutPreemptively(Duration.ofSeconds(10), () -> error(elf.build())));
    }

    @Test
    void sectionsThatShareBytes() {
        assertEquals("the sections share bytes of the file", error(changed("programs.o", file -> {
            int headers = (int) file.getLong(40);
            for (int i = 1; i < file.getShort(60); i++) {
                file.putLong(headers + 64 * i + 24, 0).putLong(headers + 64 * i + 32, file.capacity());
            }
        })));
    }

    @Test
    void theBuiltInTargetIsTheDefault() {
        assertEquals(LoadOptions.defaults(), new LoadOptions(null, Map.of(), Set.of()));
    }
}
