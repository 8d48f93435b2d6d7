package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.SendingPort;

@Timeout(60)
class LiveStatisticsTest {
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(5);

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final AtomicInteger asked = new AtomicInteger();

    private RunReport report() {
        PollLoop loop = new PollLoop(List.of(new SendingPort(1, new CaptureSink(null))), burst -> { }, PassTarget.drop(), PollLoop.Settings.DEFAULT);
        return new RunReport("p", List.of(new PortSpec.Capture("a", null, 1)), List.of(loop.statistics().snapshot()), List.of(Map.of()), 0,
                asked.getAndIncrement());
    }

    private String show(LiveStatistics.Form form) throws InterruptedException {
        try (LiveStatistics live = new LiveStatistics(output, form, INTERVAL, this::report)) {
            while (asked.get() < 4) {
                Thread.sleep(1);
            }
            live.aside(() -> output.writeBytes("ASIDE\n".getBytes(StandardCharsets.US_ASCII)));
        }
        int size = output.size();
        Thread.sleep(20);
        assertEquals(size, output.size(), "it goes on after it was closed");
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalShowsOneTableInPlaceOfTheOther() throws InterruptedException {
        String shown = show(LiveStatistics.Form.TABLE);
        // What remains on the screen: each table is wiped out by what moves up over its three lines.
        String rest = shown.replaceAll("(?s)\\u001b\\[\\?7lp  [^\\u001b]*\\u001b\\[\\?7h\\u001b\\[3A\\u001b\\[J", "");
        assertEquals("ASIDE\n", rest);
        assertTrue(shown.contains("1 a   received          0     0.0        0"), shown);
    }

    @Test
    void elsewhereThereAreLines() throws InterruptedException {
        List<String> lines = show(LiveStatistics.Form.LINES).lines().toList();
        assertEquals("1 s  1 a: received 0/s", lines.get(0));
        assertEquals("2 s  1 a: received 0/s", lines.get(1));
    }

    @Test
    void jsonIsALineEachTime() throws InterruptedException {
        List<String> lines = show(LiveStatistics.Form.JSON).lines().filter(line -> !line.equals("ASIDE")).toList();
        assertEquals(1, JsonParser.parseString(lines.get(0)).getAsJsonObject().get("seconds").getAsInt());
        assertEquals(0, JsonParser.parseString(lines.get(1)).getAsJsonObject().getAsJsonArray("ports").get(0).getAsJsonObject()
                .getAsJsonObject("received").get("packets_per_second").getAsInt());
    }
}
