package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.List;
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
            return new RunReport("p", ports, List.of(counters), 3, 0.5);
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
    }
}
