package org.trufflebpf.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;

class EbpfOptionsTest {
    private static final Path OBJECT = Path.of("src/test/resources/objects/kconfig.o");
    private static final String CONFIG = """
            #
            # Automatically generated file; DO NOT EDIT.
            #
            CONFIG_HZ=250
            CONFIG_BPF_JIT=y
            # CONFIG_MISSING is not set

            CONFIG_VETH=m
            CONFIG_LETTER=n
            CONFIG_DEFAULT_HOSTNAME="far too long"
            """;

    @TempDir
    private Path folder;

    private static Value evaluate(Context context) throws IOException {
        ByteSequence bytes = ByteSequence.create(Files.readAllBytes(OBJECT));
        return context.eval(Source.newBuilder(EbpfLanguage.ID, bytes, "kconfig.o").mimeType(EbpfLanguage.OBJECT_MIME_TYPE).build());
    }

    private Context context(String file) {
        return Objects.context().allowIO(IOAccess.ALL).option("ebpf.Kconfig", file).build();
    }

    @Test
    void kernelConfigurationComesFromAFile() throws IOException, MalformedObjectException {
        Map<String, String> values = Map.of("CONFIG_HZ", "250", "CONFIG_BPF_JIT", "y", "CONFIG_VETH", "m", "CONFIG_LETTER", "n",
                        "CONFIG_DEFAULT_HOSTNAME",
                        "\"far too long\"");
        byte[] wanted = ObjectLoader.load(Files.readAllBytes(OBJECT), new LoadOptions(null, values,
                        Set.of())).map(".kconfig").orElseThrow().contents();
        try (Context context = context(Files.writeString(folder.resolve("config"), CONFIG).toString())) {
            context.initialize(EbpfLanguage.ID);
            context.enter();
            ObjectSpec object = EbpfContext.machine().parse("kconfig.o", Files.readAllBytes(OBJECT));
            assertArrayEquals(wanted, object.map(".kconfig").orElseThrow().contents());
            context.leave();
            evaluate(context);
        }
    }

    @Test
    void withoutAFileTheConfigurationIsEmpty() throws IOException {
        try (Context context = Objects.context().build()) {
            PolyglotException e = assertThrows(PolyglotException.class, () -> evaluate(context));
            assertEquals("kconfig.o: the program asks for CONFIG_HZ of the kernel's configuration: " +
                            "give its value with --ebpf.Kconfig=FILE, or declare it __weak", e.getMessage());
        }
    }

    @Test
    void aFileThatIsNoConfigurationIsAUsageError() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), "CONFIG_HZ=250\nhello\n");
        assertFails(file, "line 2: expected NAME=VALUE as in /boot/config");
        Files.writeString(file, "CONFIG_HZ=\n");
        assertFails(file, "line 1: expected NAME=VALUE as in /boot/config");
        Files.write(file, new byte[]{0x1f, (byte) 0x8b, 8, 0});
        assertFails(file, "the file is compressed: unpack it with gunzip");
        assertFails(folder.resolve("none"), folder.resolve("none") + " cannot be read");
    }

    private void assertFails(Path file, String message) {
        try (Context context = context(file.toString())) {
            PolyglotException e = assertThrows(PolyglotException.class, () -> evaluate(context));
            assertEquals("--ebpf.Kconfig=" + file + ": " + message, e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MaxLoopIterations, 0, must be at least 1",
        "MaxLoopIterations, -5, must be at least 1",
        "MaxLoopIterations, many, must be a whole number",
        "MaxMapMemory, 0, must be at least 1",
        "MaxMapMemory, -1, must be at least 1",
        "MaxMapMemory, 99999999999999, must be at most 8796093022207"})
    void limitsAreChecked(String option, String value, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Objects.context().option("ebpf." + option, value).build());
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void limitsOfOneAreUsed() throws IOException {
        // From the number of the packet's queue on, 0: what is known to end soon is not counted.
        String loop = "r1 = *(u32 *)(r1 + 16)\nl: r1 += 1\nif r1 < 9 goto l\nr0 = 2\nexit";
        assertEquals(2, run("MaxLoopIterations", "8", loop));
        assertTrue(trap("MaxLoopIterations", "7", loop).contains(" takes more than 7 loop iterations"));
        assertTrue(trap("MaxLoopIterations", "1", loop).contains(" takes more than 1 loop iterations"));
        assertEquals(2, run("MaxMapMemory", "1", ".map a array 4 8 16\nr0 = 2\nr1 = a ll\nexit"));
        assertThrows(PolyglotException.class, () -> run("MaxMapMemory", "1", ".map a array 4 8 1000000\nr0 = 2\nr1 = a ll\nexit"));
    }

    @Test
    void safetyIsGraduatedStrictOrOff() throws IOException {
        String unproved = "r2 = *(u32 *)(r1 + 0)\nr3 = *(u8 *)(r2 + 0)\nr0 = 2\nexit";
        assertEquals(2, run("Verify", "graduated", unproved));
        assertEquals(2, run("Verify", "off", unproved));
        PolyglotException e = assertThrows(PolyglotException.class, () -> run("Verify", "strict", unproved));
        assertTrue(e.getMessage().contains("reads 1 byte at offset 0 of the packet, of which 0 bytes are known to be there"), e.getMessage());
        String wrong = "r1 = *(u8 *)(r10 + 0)\nr0 = 2\nexit";
        assertThrows(PolyglotException.class, () -> run("Verify", "graduated", wrong));
        assertTrue(trap("Verify", "off", wrong).contains(" loads outside the stack"));
        assertThrows(IllegalArgumentException.class, () -> run("Verify", "lax", wrong));
    }

    /** What a trap says. */
    private static String trap(String option, String value, String program) {
        return assertThrows(PolyglotException.class, () -> run(option, value, program)).getMessage();
    }

    private static long run(String option, String value, String program) {
        try (Context context = Objects.context().option("ebpf." + option, value).err(OutputStream.nullOutputStream()).build()) {
            Value programs = context.eval(EbpfLanguage.ID, program).getMember("programs");
            return programs.getMember(programs.getMemberKeys().iterator().next()).execute((Object) new byte[64]).asLong();
        }
    }

    @ParameterizedTest
    @CsvSource({"folded, 1", "unfolded, 2"})
    void formOfChecksums(String form, int expected) {
        String program = """
                        r0 = 1
                        *(u64 *)(r10 - 8) = r0
                        r1 = r10
                        r1 += -8
                        r2 = 8
                        r3 = 0
                        r4 = 0
                        w5 = 0
                        call bpf_csum_diff
                        r1 = r0
                        r0 = 1
                        if r1 == 65534 goto end
                        r0 = 2
                        r2 = 4294967294 ll
                        if r1 == r2 goto end
                        r0 = 0
                        end: exit
                        """;
        try (Context context = Objects.context().option("ebpf.CsumDiff", form).build()) {
            Value programs = context.eval(EbpfLanguage.ID, program).getMember("programs");
            assertEquals(expected, programs.getMember(programs.getMemberKeys().iterator().next()).execute((Object) new byte[64]).asInt());
        }
    }

    @Test
    void wrongFormOfChecksums() {
        assertThrows(IllegalArgumentException.class, () -> Objects.context().option("ebpf.CsumDiff", "both").build().close());
    }
}
