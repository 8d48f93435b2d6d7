package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Object files are told by their content. */
class SourceDetectionTest {
    @TempDir
    Path folder;

    /** A file header: magic number, class, byte order, and at byte 18 the machine. */
    @ParameterizedTest
    @CsvSource({"7f454c46020101000000000000000000 0100f700, ebpf", "7f454c46020201000000000000000000 000100f7, ebpf",
        "7f454c46020101000000000000000000 01003e00,", "7f454c46020101000000000000000000 0100f7f7,", "7f454c46020101000000000000000000 0100f7,",
        "7f454c47020101000000000000000000 0100f700,", "7f454c46,"})
    void theHeaderTellsTheLanguage(String header, String language) throws IOException {
        Path file = Files.write(folder.resolve("file"), HexFormat.of().parseHex(header.replace(" ", "")));
        assertEquals(language, Source.findLanguage(file.toFile()));
        assertEquals(language == null ? null : "application/x-bpf-elf", Source.findMimeType(file.toFile()));
    }

    @Test
    void filesCanBeEvaluatedWithoutSayingWhatTheyAre() throws IOException {
        File file = Project.DROP.toFile();
        Source source = Source.newBuilder(Source.findLanguage(file), file).build();
        assertTrue(source.hasBytes());
        try (Context context = Context.create("ebpf")) {
            assertTrue(context.eval(source).getMember("programs").hasMember("xdp_drop"));
        }
    }

    @Test
    void bigEndianObjectsAreFoundAndRefused() throws IOException {
        byte[] object = Files.readAllBytes(Project.DROP);
        object[5] = 2;
        object[18] = 0;
        object[19] = (byte) 247;
        File file = Files.write(folder.resolve("bigendian.o"), object).toFile();
        Source source = Source.newBuilder(Source.findLanguage(file), file).build();
        try (Context context = Context.create("ebpf")) {
            PolyglotException e = assertThrows(PolyglotException.class, () -> context.eval(source));
            assertTrue(e.isSyntaxError() && e.getMessage().contains("big-endian"), e.toString());
            assertEquals("bigendian.o", e.getSourceLocation().getSource().getName());
            assertEquals("malformed", e.getGuestObject().getMember("failure").asString());
        }
    }

    @Test
    void textIsNoObject() throws IOException {
        assertNull(Source.findLanguage(Files.writeString(folder.resolve("program.c"), "int x;\n").toFile()));
        assertFalse(Source.newBuilder("ebpf", "exit", "program").buildLiteral().hasBytes());
    }
}
