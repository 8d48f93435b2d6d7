package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.language.packettest.TestEngine.FailedException;

/**
 * What a program gets to know of a packet beside its bytes. The kernel cannot be asked: its test run takes no program that is bound to a network
 * card, and it lets no other ask.
 */
class MetadataTest {
    private static final Path OBJECT = Project.TEST_PROGRAMS.resolve("helpers").resolve("metadata.o");
    private static final long ENODATA = 61;
    private static final long EOPNOTSUPP = 95;
    /** Of the last frame of the sample capture. */
    private static final long LAST_TIME = 1_704_067_200_361_000_000L;

    @TempDir
    private Path folder;

    @Test
    void aCaptureHasTimesAndNothingElse() throws IOException {
        Path dump = folder.resolve("maps.json");
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            context.getBindings("ebpf").invokeMember("run", OBJECT.toString(), "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--stats", "none",
                    "--map-dump", dump.toString());
        }
        Map<Integer, Long> results = new TreeMap<>();
        for (JsonElement map : JsonParser.parseString(Files.readString(dump)).getAsJsonArray()) {
            if (map.getAsJsonObject().get("map").getAsString().equals("results")) {
                for (JsonElement element : map.getAsJsonObject().getAsJsonArray("entries")) {
                    JsonObject entry = element.getAsJsonObject();
                    results.put(entry.get("key").getAsInt(), entry.get("value").getAsLong());
                }
            }
        }
        // What is zero is not in the dump: the first call's answer.
        assertEquals(Map.of(1, LAST_TIME, 2, -EOPNOTSUPP, 3, 2L, 4, 3L, 5, -EOPNOTSUPP, 6, 4L, 7, 5L), results);
    }

    @Test
    void aPacketWithoutATimeHasNone() throws IOException {
        Path test = Files.writeString(folder.resolve("time.ptest"), """
                object %s
                test "no time"
                    packet eth / payload 50 bytes
                    expect PASS unchanged
                    expect map results[0] = %d
                    expect map results[1] = 1
                """.formatted(OBJECT, -ENODATA));
        assertPasses(test.toString());
        assertPasses("--compile", test.toString());
    }

    private static void assertPasses(Object... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            assertEquals(0, context.getBindings("ebpf").getMember("test").execute(arguments).asInt(), output.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void theKernelWantsSuchProgramsBoundToACard() throws IOException {
        assumeTrue(Bpf.available(), Bpf.reason());
        byte[] object = Files.readAllBytes(OBJECT);
        FailedException refused = assertThrows(FailedException.class, () -> new KernelEngine().load(object, "metadata.o", "metadata").close());
        assertTrue(refused.getMessage().contains("metadata kfuncs require device-bound program"), refused.getMessage());
    }
}
