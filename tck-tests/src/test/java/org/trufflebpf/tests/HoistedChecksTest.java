package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs that leave their comparisons with the packet's end to the machine give what those give that make them, of which the kernel says, in
 * {@link PacketTestsTest}, that it is right: the same verdict, and the same traces of what they did before they left the packet.
 */
class HoistedChecksTest {
    private static final Path FOLDER = Project.TEST_PROGRAMS.resolve("verify");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"none, false", "all, false", "all, true", "'hoist,gather', true"})
    void trapsComeWhereTheComparisonsWere(String passes, boolean compiled) throws IOException {
        String tests = Files.readString(FOLDER.resolve("checked.ptest")).replace("object checked.o", "object " + FOLDER.resolve("hoisted.o"));
        Path file = Files.writeString(folder.resolve("hoisted.ptest"), tests);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Object[] arguments = compiled ? new Object[]{"--compile", file.toString()} : new Object[]{file.toString()};
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).allowExperimentalOptions(true).option("ebpf.Optimize", passes).out(output).err(output).build()) {
            assertEquals(0, context.getBindings("ebpf").getMember("test").execute(arguments).asInt(), output.toString(StandardCharsets.UTF_8));
        }
    }
}
