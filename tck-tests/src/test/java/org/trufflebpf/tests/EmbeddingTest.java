package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.Test;

/** What the command line can do, an embedder can, within what it allows. */
class EmbeddingTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private Context.Builder context(IOAccess access) {
        return Context.newBuilder("ebpf").allowIO(access).out(output).err(output);
    }

    private String printed() {
        return output.toString(StandardCharsets.UTF_8);
    }

    private static Source drop() throws IOException {
        ByteSequence bytes = ByteSequence.create(Files.readAllBytes(Command.DROP));
        return Source.newBuilder("ebpf", bytes, "xdp_drop.o").mimeType("application/x-bpf-elf").build();
    }

    @Test
    void evaluationPrintsNothing() throws IOException {
        try (Context context = context(IOAccess.NONE).build()) {
            assertFalse(context.eval(drop()).isNull());
        }
        assertEquals("", printed());
    }

    @Test
    void evaluationWithArgumentsRuns() throws IOException {
        try (Context context = context(IOAccess.ALL).arguments("ebpf", new String[]{"--port", "pcap:" + Command.SAMPLE, "--stats=json"}).build()) {
            context.eval(drop());
        }
        assertTrue(printed().startsWith("{\"program\":\"xdp_drop\","), printed());
    }

    @Test
    void bindingsRunAndDescribe() {
        try (Context context = context(IOAccess.ALL).build()) {
            Value bindings = context.getBindings("ebpf");
            bindings.invokeMember("run", Command.DROP.toString(), "--port", "pcap:" + Command.SAMPLE);
            assertTrue(printed().contains("DROP"), printed());
            assertTrue(bindings.invokeMember("info", Command.DROP.toString()).asString().contains("program xdp_drop"));
            assertTrue(bindings.invokeMember("disasm", Command.DROP.toString()).asString().contains("exit"));
        }
    }

    @Test
    void errorsCarryTheExitCodeAndLeaveTheContextUsable() {
        try (Context context = context(IOAccess.ALL).build()) {
            Value bindings = context.getBindings("ebpf");
            for (int repeat = 0; repeat < 2; repeat++) {
                PolyglotException e = assertThrows(PolyglotException.class,
                        () -> bindings.invokeMember("run", Command.DROP.toString(), "--stats", "csv"));
                assertEquals("--stats must be table, json or none, not 'csv'", e.getMessage());
                assertTrue(e.isGuestException() && !e.isExit());
                assertEquals(2, e.getGuestObject().getMember("exitStatus").asInt());
            }
        }
    }

    @Test
    void sandboxHidesFiles() {
        try (Context context = context(IOAccess.NONE).build()) {
            PolyglotException e = assertThrows(PolyglotException.class,
                    () -> context.getBindings("ebpf").invokeMember("run", Command.DROP.toString(), "--port", "pcap:" + Command.SAMPLE));
            assertEquals(Command.DROP + ": cannot be read: the embedder does not allow access to files", e.getMessage());
            assertEquals(74, e.getGuestObject().getMember("exitStatus").asInt());
        }
    }
}
