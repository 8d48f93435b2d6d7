package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Statistics.Snapshot;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.PcapPort;

class RunReportTest {
    private static final int PACKETS = 1000;
    private static final int LENGTH = 60;

    /** Drops nine packets of ten, redirects the tenth to an interface that is not there. */
    private static final BurstProcessor PROCESSOR = new BurstProcessor() {
        private int number;

        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                boolean tenth = number++ % 10 == 9;
                Memory.putInt(burst.descriptor(i) + Burst.VERDICT, (tenth ? Verdict.REDIRECT : Verdict.DROP).ordinal());
                Memory.putInt(burst.descriptor(i) + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
                Memory.putInt(burst.descriptor(i) + Burst.REDIRECT_TARGET, 9);
            }
        }
    };

    private static PcapPort port(int ifindex, int packets) throws IOException {
        ByteBuffer capture = ByteBuffer.allocate(24 + packets * (16 + LENGTH)).order(ByteOrder.LITTLE_ENDIAN);
        capture.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65535).putInt(1);
        for (int i = 0; i < packets; i++) {
            capture.putInt(i).putInt(0).putInt(LENGTH).putInt(LENGTH).put(new byte[LENGTH]);
        }
        CaptureReader reader = CaptureReader.open("capture", Channels.newChannel(new ByteArrayInputStream(capture.array())));
        return new PcapPort(ifindex, reader, new CaptureSink(null), 64);
    }

    private static RunReport report() throws IOException {
        try (PcapPort first = port(1, PACKETS); PcapPort second = port(2, 0)) {
            PollLoop loop = new PollLoop(List.of(first, second), PROCESSOR, PassTarget.drop(), PollLoop.Settings.DEFAULT);
            loop.run();
            Snapshot counters = loop.statistics().snapshot();
            List<PortSpec> ports = List.of(new PortSpec.Capture("a.pcap", null, 1), new PortSpec.Capture("b.pcap", null, 2));
            return new RunReport("p", ports, List.of(counters), List.of(Map.of("packets in ring", 7L), Map.of()), 3, 0.5);
        }
    }

    @Test
    void tableHasAlignedColumnsAndSums() throws IOException {
        assertEquals("""
                port                          packets   bytes   share  packets/s
                1 a.pcap  DROP                    900  54,000   90.0%      1,800
                1 a.pcap  REDIRECT                100   6,000   10.0%        200
                1 a.pcap  redirected nowhere      100   6,000                200
                1 a.pcap  received              1,000  60,000  100.0%      2,000
                2 b.pcap  received                  0       0                  0
                all       DROP                    900  54,000   90.0%      1,800
                all       REDIRECT                100   6,000   10.0%        200
                all       received              1,000  60,000  100.0%      2,000
                3 packets trapped (they count as ABORTED)
                """, report().table());
    }

    @Test
    void jsonIsOneLineWithEveryCounter() throws IOException {
        String text = report().json();
        assertTrue(text.endsWith("}" + System.lineSeparator()) && text.lines().count() == 1, text);
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        assertEquals(PACKETS, json.get("packets").getAsInt());
        assertEquals(3, json.get("traps").getAsInt());
        JsonObject port = json.getAsJsonArray("ports").get(0).getAsJsonObject();
        assertEquals(900, port.getAsJsonObject("drop").get("packets").getAsInt());
        assertEquals(6000, port.getAsJsonObject("redirected_nowhere").get("bytes").getAsInt());
        assertEquals(0, port.getAsJsonObject("pass").get("packets").getAsInt());
        assertEquals(7, port.getAsJsonObject("details").get("packets in ring").getAsInt());
        JsonObject timed = port.getAsJsonObject("timed");
        // Bursts of 64, of which the first is timed.
        assertEquals(1, timed.get("bursts").getAsInt());
        assertEquals(64, timed.get("packets").getAsInt());
        assertTrue(timed.get("nanoseconds").getAsLong() >= timed.get("nanoseconds_in_program").getAsLong());
        assertFalse(port.getAsJsonObject("drop").has("packets_per_second"));
    }

    @Test
    void anIntervalHasTheRatesSinceTheReportBefore() throws IOException {
        RunReport now = report();
        RunReport before = new RunReport("p", now.ports(), List.of(nothing()), List.of(Map.of(), Map.of()), 0, 0.25);
        Interval interval = new Interval(before, now);
        JsonObject port = JsonParser.parseString(interval.json()).getAsJsonObject().getAsJsonArray("ports").get(0).getAsJsonObject();
        assertEquals(3600, port.getAsJsonObject("drop").get("packets_per_second").getAsInt());
        assertEquals(900, port.getAsJsonObject("drop").get("packets").getAsInt());
        List<String> lines = interval.lines().lines().toList();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).matches("1 s  1 a.pcap: received 4,000/s, DROP 3,600/s, REDIRECT 400/s, redirected nowhere 400/s; 7 packets in ring; "
                + "[0-9.]+ us per burst of 64.0, [0-9.]+ us of that in the program"), lines.get(0));
        assertEquals("1 s  2 b.pcap: received 0/s", lines.get(1));
        assertEquals("""
                p  1 s
                port                          packets/s  Mbit/s  packets
                1 a.pcap  received                4,000     1.9    1,000
                1 a.pcap  DROP                    3,600     1.7      900
                1 a.pcap  REDIRECT                  400     0.2      100
                1 a.pcap  redirected nowhere        400     0.2      100
                2 b.pcap  received                    0     0.0        0
                """, interval.table().replaceFirst("(?s)\n1 a.pcap: .*", "\n"));
    }

    private static Snapshot nothing() throws IOException {
        try (PcapPort first = port(1, 0); PcapPort second = port(2, 0)) {
            return new PollLoop(List.of(first, second), PROCESSOR, PassTarget.drop(), PollLoop.Settings.DEFAULT).statistics().snapshot();
        }
    }
}
