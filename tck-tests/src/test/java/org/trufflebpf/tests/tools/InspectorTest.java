package org.trufflebpf.tests.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --inspect}: a debugging session as the developer tools of a browser would have it. */
@Timeout(180)
class InspectorTest {
    private static final Pattern LISTENING = Pattern.compile("(ws://\\S+)");
    /** {@code *counter += 1;}, counted from 0 as the protocol does. */
    private static final int COUNTS = 38;

    private static JsonObject topFrame(JsonObject paused) {
        return paused.getAsJsonArray("callFrames").get(0).getAsJsonObject();
    }

    private static int line(JsonObject frame) {
        return frame.getAsJsonObject("location").get("lineNumber").getAsInt();
    }

    private static JsonObject scope(InspectorClient client, JsonObject frame) throws InterruptedException {
        return client.properties(frame.getAsJsonArray("scopeChain").get(0).getAsJsonObject().getAsJsonObject("object"));
    }

    private static String text(JsonObject properties, String name) {
        assertTrue(properties.has(name), properties.toString());
        JsonObject value = properties.getAsJsonObject(name);
        return value.has("value") ? value.get("value").getAsString() : value.get("description").getAsString();
    }

    private static JsonObject evaluated(InspectorClient client, JsonObject frame, String expression) throws InterruptedException {
        JsonObject answer = client.request("Debugger.evaluateOnCallFrame", //
                        Map.of("callFrameId", frame.get("callFrameId").getAsString(), "expression", expression));
        return answer.has("exceptionDetails") ? answer.getAsJsonObject("exceptionDetails") : answer.getAsJsonObject("result");
    }

    @Test
    void stopsAtACLineAndShowsPacketAndMaps() throws IOException, InterruptedException {
        try (StartedTool tool = new StartedTool("--inspect=127.0.0.1:0");
                        InspectorClient client = new InspectorClient(tool.await(LISTENING))) {
            client.request("Runtime.enable", Map.of());
            client.request("Debugger.enable", Map.of());
            client.request("Debugger.setBreakpointByUrl", Map.of("url", StartedTool.SOURCE.toUri().toString(), "lineNumber", COUNTS));
            client.request("Runtime.runIfWaitingForDebugger", Map.of());
            // The program stops at its first line by itself.
            client.event("Debugger.paused");
            client.request("Debugger.resume", Map.of());

            JsonObject frame = topFrame(client.event("Debugger.paused"));
            assertEquals("xdp_map_access", frame.get("functionName").getAsString());
            assertEquals(COUNTS, line(frame));
            JsonObject seen = scope(client, frame);
            JsonObject packet = client.open(seen, "packet");
            assertEquals("74", text(packet, "length"));
            assertEquals("10.0.0.2", text(client.open(packet, "ipv4"), "dst"));
            assertEquals("0", text(client.open(client.open(seen, "maps"), "ctl_array"), "0"));
            assertTrue(text(seen, "registers").contains("=map cntrs_array[0]+0 of 8"), text(seen, "registers"));

            assertEquals("true", evaluated(client, frame, "packet.ipv4.dst == \"10.0.0.2\" && packet.ipv4.ttl > 63").get("value").getAsString());
            assertEquals("74", evaluated(client, frame, "ctx->data_end - ctx->data").get("value").getAsString());
            assertEquals("0", evaluated(client, frame, "ctl_array[0]").get("value").getAsString());
            assertEquals("10.0.0.2", evaluated(client, frame, "packet.ipv4.dst").get("value").getAsString());
            assertTrue(evaluated(client, frame, "ctl_array[0] = 1").toString().contains("character 14 of the expression: expressions only read"));

            // The compiler put code without a line of its own behind the branch: no second stop at this line.
            client.request("Debugger.stepOver", Map.of());
            frame = topFrame(client.event("Debugger.paused"));
            assertTrue(line(frame) > COUNTS, frame.toString());

            client.request("Debugger.disable", Map.of());
            assertTrue(tool.rest().contains("TX              2"));
            assertEquals(0, tool.exitCode());
        }
    }
}
