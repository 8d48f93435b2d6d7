package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects through a map of sockets: a run is who has them. Over AF_XDP: {@code LiveTrafficTest}. */
@Timeout(120)
class SocketsRunTest {
    private static final String OBJECT = Project.TEST_PROGRAMS.resolve("maps/own_sockets.o").toString();

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private void run(boolean compiled, String program, String... arguments) {
        List<Object> all = new ArrayList<>(List.of(OBJECT, "--program", program, "--allow-interpreter", "--stats", "json"));
        all.addAll(List.of(arguments));
        try (Context context = Context.newBuilder().allowAllAccess(true).option("engine.Compilation", Boolean.toString(compiled)).out(output)
                .err(output).build()) {
            context.getBindings("ebpf").getMember("run").execute(all.toArray());
        }
    }

    private long count(String counter) {
        JsonObject report = JsonParser.parseString(output.toString(StandardCharsets.UTF_8)).getAsJsonObject();
        return report.getAsJsonArray("ports").get(0).getAsJsonObject().getAsJsonObject(counter).get("packets").getAsLong();
    }

    /** The second has no socket, the third is past the end of the map. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void packetsGoToTheSocketAndOnWherePassedOnesGo(boolean compiled) throws IOException {
        Project.capture(folder.resolve("in.pcap"), List.of("00" + "11".repeat(19), "01" + "22".repeat(19), "07" + "33".repeat(19)));
        run(compiled, "to_any_queue", "--port", "pcap:" + folder.resolve("in.pcap"), "--pass", folder.resolve("pass.pcap").toString());
        assertEquals(List.of("0080" + "11".repeat(18)), Project.packets(folder.resolve("pass.pcap")));
        assertEquals(1, count("redirect"));
        assertEquals(1, count("to_socket"));
        assertEquals(2, count("drop"));
        assertEquals(0, count("pass"));
    }

    /** As the kernel does: a socket is bound to one queue, and takes nothing of others. */
    @Test
    void socketsOfOtherQueuesTakeNothing() {
        run(true, "to_any_queue", "--workers", "2", "--port", "gen:eth dst=00:00:00:00:00:00|01:00:00:00:00:00,count=40K");
        assertEquals(40_000, count("redirect"));
        assertEquals(40_000, count("to_socket") + count("redirected_nowhere"));
        assertTrue(count("to_socket") > 0, output.toString());
        assertTrue(count("redirected_nowhere") > 0, output.toString());
    }

    @Test
    void eachQueueHasASocket() {
        run(true, "to_their_queue", "--workers", "2", "--port", "gen:eth,count=100K");
        assertEquals(100_000, count("to_socket"));
        assertEquals(0, count("pass"));
    }

    /** What a control program takes out is gone at once: then the flags decide. */
    @Test
    void socketsThatAreTakenOutGetNothing() throws IOException {
        Path control = Files.writeString(folder.resolve("control.mjs"), """
                const sockets = ebpf.maps.sockets;
                if (sockets[0] !== 1 || sockets[1] !== undefined) {
                    throw new Error("not one socket");
                }
                Map.prototype.delete.call(sockets, 0);
                """);
        run(true, "to_their_queue", "--port", "gen:eth,rate=100K", "--duration", "1", "--control", control.toString());
        assertTrue(count("pass") > 0, output.toString());
        assertEquals(count("received"), count("pass") + count("to_socket"));
    }
}
