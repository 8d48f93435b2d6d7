package org.trufflebpf.tests.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.tests.Project;

/** {@code --dap}: a debugging session as an editor would have it, over C source, packet and maps. */
@Timeout(180)
class DebugAdapterTest {
    private static final Pattern LISTENING = Pattern.compile("listening on .*:(\\d+)");
    /** {@code *counter += 1;}. */
    private static final int COUNTS = 39;
    /** {@code if ((void *)(eth + 1) > data_end)}. */
    private static final int CHECKS = 41;
    /** Lines of variables.c: {@code flow->source = ip->source;}, {@code weight = weight * 3 + bytes;}, {@code if (packets)}. */
    private static final int IN_PARSE = 42;
    private static final int IN_WEIGH = 52;
    private static final int IN_COUNT = 72;
    /** In docs/debugging.md: the line and the condition of a breakpoint, and expressions with their values there. */
    private static final Pattern BREAKPOINT = Pattern.compile("line (\\d+) with the\\s+condition `([^`]+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|$");

    private static Map<String, Object> breakpoints(Path source, List<Map<String, Object>> breakpoints) {
        return Map.of("source", Map.of("path", source.toString(), "name", source.getFileName().toString()), "breakpoints", breakpoints);
    }

    private static Map<String, Object> breakpoints(Path source, Integer... lines) {
        return breakpoints(source, Stream.of(lines).map(line -> Map.<String, Object> of("line", line)).toList());
    }

    /** @return the thread, which goes on: the program stops at its first line by itself */
    private static int start(DapClient client, Map<String, Object> breakpoints) throws IOException {
        client.request("initialize", Map.of("clientID", "test", "adapterID", "graalvm", "linesStartAt1", true, "columnsStartAt1", true, //
                        "pathFormat", "path"));
        client.request("attach", Map.of());
        client.request("setBreakpoints", breakpoints);
        client.request("configurationDone", Map.of());
        int thread = client.event("stopped").get("threadId").getAsInt();
        client.request("continue", Map.of("threadId", thread));
        return thread;
    }

    private static void runToEnd(StartedTool tool, DapClient client, int thread) throws IOException, InterruptedException {
        client.request("continue", Map.of("threadId", thread));
        client.event("terminated");
        client.close();
        tool.rest();
        assertEquals(0, tool.exitCode());
    }

    private static JsonObject topFrame(DapClient client, int thread) throws IOException {
        return client.request("stackTrace", Map.of("threadId", thread)).getAsJsonArray("stackFrames").get(0).getAsJsonObject();
    }

    private static JsonObject scope(DapClient client, JsonObject frame) throws IOException {
        JsonObject first = client.request("scopes", Map.of("frameId", frame.get("id").getAsInt())).getAsJsonArray("scopes").get(0).getAsJsonObject();
        return client.variables(first.get("variablesReference").getAsInt());
    }

    private static String text(JsonObject variables, String name) {
        assertTrue(variables.has(name), variables.toString());
        return variables.getAsJsonObject(name).get("value").getAsString();
    }

    @Test
    void stopsAtACLineAndShowsPacketAndMaps() throws IOException, InterruptedException {
        try (StartedTool tool = new StartedTool("--dap=127.0.0.1:0");
                        DapClient client = new DapClient(Integer.parseInt(tool.await(LISTENING)))) {
            int thread = start(client, breakpoints(StartedTool.SOURCE, COUNTS));

            assertEquals("breakpoint", client.event("stopped").get("reason").getAsString());
            JsonObject frame = topFrame(client, thread);
            assertEquals("xdp_map_access", frame.get("name").getAsString());
            assertEquals(COUNTS, frame.get("line").getAsInt());
            assertEquals(StartedTool.SOURCE.toString(), frame.getAsJsonObject("source").get("path").getAsString());
            JsonObject seen = scope(client, frame);
            JsonObject packet = client.open(seen, "packet");
            assertEquals("74", text(packet, "length"));
            assertEquals("2", text(client.open(packet, "bytes"), "5"));
            assertEquals("10.0.0.2", text(client.open(packet, "ipv4"), "dst"));
            assertEquals("S", text(client.open(packet, "tcp"), "flags"));
            assertEquals("packet+74 of 74", text(client.open(seen, "context"), "data_end"));
            assertEquals("0", text(client.open(client.open(seen, "maps"), "ctl_array"), "0"));
            assertTrue(text(client.open(client.open(seen, "maps"), "cntrs_array"), "0").startsWith("[0, "));
            assertTrue(text(seen, "registers").contains("=map cntrs_array[0]+0 of 8"), text(seen, "registers"));

            // The compiler put code without a line of its own behind the branch: no second stop at this line.
            client.request("next", Map.of("threadId", thread));
            client.event("stopped");
            frame = topFrame(client, thread);
            assertTrue(frame.get("line").getAsInt() > COUNTS, frame.toString());
            assertTrue(text(client.open(client.open(scope(client, frame), "maps"), "cntrs_array"), "0").startsWith("[1, "));

            client.request("setBreakpoints", breakpoints(StartedTool.SOURCE));
            runToEnd(tool, client, thread);
        }
    }

    @Test
    void showsVariablesOfCByTheirTypes() throws IOException, InterruptedException {
        Path objects = Project.ROOT.resolve("language/src/test/resources/objects");
        Path source = objects.resolve("variables.c");
        try (StartedTool tool = new StartedTool(objects.resolve("variables.o"), "--dap=127.0.0.1:0");
                        DapClient client = new DapClient(Integer.parseInt(tool.await(LISTENING)))) {
            int thread = start(client, breakpoints(source, IN_PARSE, IN_WEIGH, IN_COUNT));

            client.event("stopped");
            List<JsonObject> scopes = scopes(client, topFrame(client, thread));
            // The inlined function, the one around it, and the machine's own.
            JsonObject parse = client.variables(scopes.get(0).get("variablesReference").getAsInt());
            assertEquals("packet+14 of 74", text(parse, "ip"));
            assertEquals("4", text(client.open(parse, "ip"), "version"));
            assertEquals("5", text(client.open(parse, "ip"), "words"));
            JsonObject count = client.variables(scopes.get(1).get("variablesReference").getAsInt());
            assertEquals("packet+0 of 74", text(count, "eth"));
            assertEquals("packet+74 of 74", text(count, "end"));
            assertEquals("OUT", text(client.open(count, "flow"), "direction").replaceAll(".*(OUT).*", "$1"));
            assertEquals("<optimized out>", text(count, "packets"));

            client.request("continue", Map.of("threadId", thread));
            client.event("stopped");
            scopes = scopes(client, topFrame(client, thread));
            JsonObject weigh = client.variables(scopes.get(0).get("variablesReference").getAsInt());
            assertEquals("0", text(weigh, "i"));
            assertEquals("1", text(weigh, "weight"));

            client.request("setBreakpoints", breakpoints(source, IN_COUNT));
            client.request("continue", Map.of("threadId", thread));
            client.event("stopped");
            scopes = scopes(client, topFrame(client, thread));
            count = client.variables(scopes.get(0).get("variablesReference").getAsInt());
            assertEquals("0", text(count, "packets"));
            // 3 * (3 * ... (3 * 1 + 20) ... + 20) + 20, four times.
            assertEquals("881", text(count, "weight"));
            client.request("setBreakpoints", breakpoints(source));
            runToEnd(tool, client, thread);
        }
    }

    /** The header's function is inlined. The first breakpoint is set before the program is seen, the second one while it stands. */
    @Test
    void stopsInHeaders() throws IOException, InterruptedException {
        Path header = Project.ROOT.resolve("xdp_progs/include/ethernet.h");
        List<String> lines = Files.readAllLines(header);
        int third = 1 + lines.indexOf("\thalf[5] = third;");
        int first = 1 + lines.indexOf("\thalf[3] = first;");
        try (StartedTool tool = new StartedTool(Path.of("xdp_progs/xdp_tx/xdp_tx.o"), "--dap=127.0.0.1:0");
                        DapClient client = new DapClient(Integer.parseInt(tool.await(LISTENING)))) {
            int thread = start(client, breakpoints(header, third));
            stopsAt(client, thread, header, third);
            client.request("setBreakpoints", breakpoints(header, first));
            client.request("continue", Map.of("threadId", thread));
            stopsAt(client, thread, header, first);
            client.request("setBreakpoints", breakpoints(header));
            runToEnd(tool, client, thread);
        }
    }

    private static void stopsAt(DapClient client, int thread, Path source, int line) throws IOException {
        assertEquals("breakpoint", client.event("stopped").get("reason").getAsString());
        JsonObject frame = topFrame(client, thread);
        assertEquals(line, frame.get("line").getAsInt());
        assertEquals(source.toString(), frame.getAsJsonObject("source").get("path").getAsString());
    }

    /** The breakpoint is in a function that another one calls, and waits for the second packet. */
    @Test
    void evaluatesTheExpressionsOfTheManual() throws IOException, InterruptedException {
        Path objects = Project.ROOT.resolve("language/src/test/resources/objects");
        String manual = Files.readString(Project.ROOT.resolve("docs/debugging.md"));
        Matcher place = BREAKPOINT.matcher(manual);
        assertTrue(place.find());
        List<MatchResult> rows = ROW.matcher(manual).results().toList();
        assertTrue(rows.size() >= 15, rows.size() + " rows");
        try (StartedTool tool = new StartedTool(objects.resolve("expressions.o"), "--dap=127.0.0.1:0");
                        DapClient client = new DapClient(Integer.parseInt(tool.await(LISTENING)))) {
            int thread = stopAt(client, objects.resolve("expressions.c"), Integer.parseInt(place.group(1)), place.group(2));
            JsonObject frame = topFrame(client, thread);
            assertEquals(place.group(1), frame.get("line").getAsString());
            int id = frame.get("id").getAsInt();
            assertEquals("40000", client.evaluate("packet.tcp.dport", id, "hover"));
            for (MatchResult row : rows) {
                assertEquals(row.group(2), client.evaluate(row.group(1), id, "watch"), row.group(1));
                assertEquals(row.group(2), client.evaluate(row.group(1), id, "repl"), row.group(1));
            }
            // What a watch window shows can be opened.
            JsonObject value = client.request("evaluate", Map.of("expression", "*record", "frameId", id, "context", "watch"));
            assertEquals("443", text(client.open(client.variables(value.get("variablesReference").getAsInt()), "ports"), "2"));

            for (String hostile : List.of("(".repeat(100_000), "1+".repeat(2_000) + "1", "\0", "", "packet" + "[0]".repeat(60))) {
                String error = client.evaluate(hostile, id, "repl");
                assertTrue(error.startsWith("character ") && error.lines().count() == 1, error);
            }
            runToEnd(tool, client, thread);
        }
    }

    /** Without debug information, and as C takes numbers for conditions: the second packet is the first with an ACK. */
    @Test
    void breakpointsWaitForWhatIsNotZero() throws IOException, InterruptedException {
        try (StartedTool tool = new StartedTool("--dap=127.0.0.1:0");
                        DapClient client = new DapClient(Integer.parseInt(tool.await(LISTENING)))) {
            int thread = stopAt(client, StartedTool.SOURCE, COUNTS, "packet.tcp.flags & 0x10");
            int frame = topFrame(client, thread).get("id").getAsInt();
            assertEquals("SA", client.evaluate("packet.tcp.flags", frame, "watch"));
            assertEquals("1", client.evaluate("cntrs_array[0][0]", frame, "watch"));
            assertEquals("18446744073709551615", client.evaluate("cntrs_array[0][0] - 2", frame, "watch"));
            // A condition without a value is no reason to run on.
            client.request("setBreakpoints", breakpoints(StartedTool.SOURCE, List.of(Map.of("line", CHECKS, "condition", "no_such_name == 1"))));
            client.request("continue", Map.of("threadId", thread));
            client.event("stopped");
            assertEquals(CHECKS, topFrame(client, thread).get("line").getAsInt());
            runToEnd(tool, client, thread);
        }
    }

    /** @return the thread, which stands there */
    private static int stopAt(DapClient client, Path source, int line, String condition) throws IOException {
        int thread = start(client, breakpoints(source, List.of(Map.of("line", line, "condition", condition))));
        assertEquals("breakpoint", client.event("stopped").get("reason").getAsString());
        return thread;
    }

    private static List<JsonObject> scopes(DapClient client, JsonObject frame) throws IOException {
        List<JsonObject> scopes = new ArrayList<>();
        client.request("scopes", Map.of("frameId", frame.get("id").getAsInt())).getAsJsonArray("scopes").forEach(scope -> scopes.add(scope.getAsJsonObject()));
        return scopes;
    }
}
