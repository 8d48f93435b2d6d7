package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
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

    @Test
    void evaluationPrintsNothing() throws IOException {
        try (Context context = context(IOAccess.NONE).build()) {
            assertFalse(context.eval(Project.source(Project.DROP)).isNull());
        }
        assertEquals("", printed());
    }

    @Test
    void evaluationWithArgumentsRuns() throws IOException {
        try (Context context = context(IOAccess.ALL).arguments("ebpf", new String[]{"--port", "pcap:" + Project.SAMPLE_CAPTURE, "--stats=json"}).build()) {
            context.eval(Project.source(Project.DROP));
        }
        assertTrue(printed().startsWith("{\"program\":\"xdp_drop\","), printed());
    }

    @Test
    void bindingsRunAndDescribe() {
        try (Context context = context(IOAccess.ALL).build()) {
            Value bindings = context.getBindings("ebpf");
            bindings.invokeMember("run", Project.DROP.toString(), "--port", "pcap:" + Project.SAMPLE_CAPTURE);
            assertTrue(printed().contains("DROP"), printed());
            assertTrue(bindings.invokeMember("info", Project.DROP.toString()).asString().contains("program xdp_drop"));
            assertTrue(bindings.invokeMember("disasm", Project.DROP.toString()).asString().contains("exit"));
        }
    }

    @Test
    void errorsCarryTheExitCodeAndLeaveTheContextUsable() {
        try (Context context = context(IOAccess.ALL).build()) {
            Value bindings = context.getBindings("ebpf");
            for (int repeat = 0; repeat < 2; repeat++) {
                PolyglotException e = assertThrows(PolyglotException.class,
                        () -> bindings.invokeMember("run", Project.DROP.toString(), "--stats", "csv"));
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
                    () -> context.getBindings("ebpf").invokeMember("run", Project.DROP.toString(), "--port", "pcap:" + Project.SAMPLE_CAPTURE));
            assertEquals(Project.DROP + ": cannot be read: the embedder does not allow access to files", e.getMessage());
            assertEquals(74, e.getGuestObject().getMember("exitStatus").asInt());
        }
    }
}
