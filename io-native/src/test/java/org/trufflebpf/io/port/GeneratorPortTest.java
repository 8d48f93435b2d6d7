package org.trufflebpf.io.port;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.generator.Checksum;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.generator.FlowTemplate;
import org.trufflebpf.io.generator.Patch;
import org.trufflebpf.io.generator.Traffic;
import org.trufflebpf.io.memory.Memory;

@Timeout(60)
final class GeneratorPortTest {
    /** Sixteen bytes: a number of 16 bits at 4, one of 4 bits in the middle of byte 7, and the ones' complement sum of all at 0. */
    private static final FlowTemplate TEMPLATE = new FlowTemplate(new byte[] {0, 0, 9, 9, 0, 0, 0, (byte) 0xc3, 1, 2, 3, 4, 5, 6, 7, 8},
            List.of(new Patch(0, 32, 16, 100, null), new Patch(1, 58, 4, 0, new long[] {1, 7, 15})),
            List.of(new Checksum(0, 0x0909 + 0x00c3 + 0x0102 + 0x0304 + 0x0506 + 0x0708, List.of(1, 4), false)));
    private static final List<Long> SIZES = List.of(50L, 3L);

    private static Traffic traffic(FlowChoice choice, long rate, long count, long seed) {
        return new Traffic(List.of(TEMPLATE), false, SIZES, choice, rate, count, seed);
    }

    private static GeneratorPort port(Traffic traffic, int queue, int queues) {
        return new GeneratorPort(1, queue, queues, traffic, new CaptureSink(null), 64);
    }

    private static List<byte[]> packets(Traffic traffic, int queue, int queues) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        try (GeneratorPort port = port(traffic, queue, queues); Burst burst = new Burst(64)) {
            for (int count = port.receive(burst, 64); count != Port.END; count = port.receive(burst, 64)) {
                for (int i = 0; i < count; i++) {
                    long descriptor = burst.descriptor(i);
                    packets.add(Memory.bytes(Memory.getLong(descriptor + Burst.DATA), Memory.getInt(descriptor + Burst.LENGTH)));
                    port.release(descriptor);
                }
            }
            assertEquals(64, port.freeFrames());
        }
        return packets;
    }

    private static int word(byte[] packet, int offset) {
        return (packet[offset] & 0xff) << 8 | packet[offset + 1] & 0xff;
    }

    private static int flow(byte[] packet) {
        return word(packet, 4) << 4 | packet[7] >> 2 & 0xf;
    }

    @Test
    void fieldsVaryWithinTheirBitsAndChecksumsFollow() throws IOException {
        Set<Integer> numbers = new HashSet<>();
        Set<Integer> nibbles = new HashSet<>();
        for (byte[] packet : packets(traffic(new FlowChoice.Fresh(), 0, 5000, 1), 0, 1)) {
            numbers.add(word(packet, 4));
            nibbles.add(packet[7] >> 2 & 0xf);
            assertEquals(0xc3, packet[7] & 0xc3);
            int sum = 0;
            for (int i = 0; i < packet.length; i += 2) {
                sum += word(packet, i);
            }
            assertEquals(0xffff, (sum & 0xffff) + (sum >> 16));
        }
        assertEquals(50, numbers.size());
        assertTrue(numbers.stream().allMatch(number -> number >= 100 && number < 150));
        assertEquals(Set.of(1, 7, 15), nibbles);
    }

    @Test
    void inTurnEveryCombinationComesOnceHoweverManyQueues() throws IOException {
        for (int queues : List.of(1, 3, 7)) {
            List<Integer> flows = new ArrayList<>();
            for (int queue = 0; queue < queues; queue++) {
                packets(traffic(new FlowChoice.InTurn(), 0, 150, 1), queue, queues).forEach(packet -> flows.add(flow(packet)));
            }
            assertEquals(150, flows.size());
            assertEquals(150, new HashSet<>(flows).size());
        }
    }

    @Test
    void theSameSeedGivesTheSamePackets() throws IOException {
        List<byte[]> first = packets(traffic(new FlowChoice.Fresh(), 0, 100, 5), 0, 1);
        assertArrayEquals(first.toArray(), packets(traffic(new FlowChoice.Fresh(), 0, 100, 5), 0, 1).toArray());
        assertNotEquals(first.stream().map(HexFormat.of()::formatHex).toList(),
                packets(traffic(new FlowChoice.Fresh(), 0, 100, 6), 0, 1).stream().map(HexFormat.of()::formatHex).toList());
    }

    @Test
    void uniformFlowsAreEquallyFrequentAndBelongToOneQueueEach() throws IOException {
        Traffic traffic = traffic(new FlowChoice.Uniform(8), 0, 16_000, 3);
        Map<Integer, Integer> first = count(packets(traffic, 0, 2));
        Map<Integer, Integer> second = count(packets(traffic, 1, 2));
        first.values().forEach(count -> assertTrue(count % 2000 < 200 || count % 2000 > 1800, () -> "counts " + first));
        assertTrue(first.size() + second.size() <= 8);
        assertTrue(packets(traffic, 2, 9).stream().allMatch(packet -> first.containsKey(flow(packet)) || second.containsKey(flow(packet))));
    }

    private static Map<Integer, Integer> count(List<byte[]> packets) {
        Map<Integer, Integer> counts = new HashMap<>();
        packets.forEach(packet -> counts.merge(flow(packet), 1, Integer::sum));
        return counts;
    }

    @Test
    void zipfFlowsHaveTheFrequenciesOfTheLaw() throws IOException {
        // Of 1 + 1/2 + 1/3 + 1/4 the first flow has 48 %, the fourth 12 %.
        Map<Integer, Integer> counts = count(packets(traffic(new FlowChoice.Zipf(4, 1), 0, 100_000, 1), 0, 1));
        List<Integer> sorted = counts.values().stream().sorted(Comparator.reverseOrder()).toList();
        List<Integer> law = List.of(48_000, 24_000, 16_000, 12_000);
        assertEquals(4, sorted.size());
        for (int i = 0; i < 4; i++) {
            assertEquals(law.get(i), sorted.get(i), 500);
        }
    }

    @Test
    void packetsOfACaptureComeInOrderAndFromTheStartAgain() throws IOException {
        List<FlowTemplate> templates = List.of(new FlowTemplate(new byte[] {1}, List.of(), List.of()),
                new FlowTemplate(new byte[200], List.of(), List.of()), new FlowTemplate(new byte[] {3, 3}, List.of(), List.of()));
        Traffic traffic = new Traffic(templates, true, List.of(), new FlowChoice.Fresh(), 0, 5, 0);
        assertEquals(List.of(1, 200, 2, 1, 200), packets(traffic, 0, 1).stream().map(packet -> packet.length).toList());
        assertEquals(List.of(200, 1), packets(traffic, 1, 2).stream().map(packet -> packet.length).toList());
    }

    @Test
    void theRateIsKeptAndTheWorkerCanSleepInBetween() throws IOException {
        try (GeneratorPort port = port(traffic(new FlowChoice.Fresh(), 20_000, Long.MAX_VALUE, 1), 0, 1); Burst burst = new Burst(64)) {
            long start = System.nanoTime();
            int received = 0;
            int calls = 0;
            boolean quiet = false;
            while (System.nanoTime() - start < 200_000_000) {
                int count = port.receive(burst, 64);
                calls += count > 0 ? 1 : 0;
                quiet |= count == 0 && port.quiet() > 500_000;
                for (int i = 0; i < count; i++) {
                    port.release(burst.descriptor(i));
                }
                received += count;
            }
            double expected = (System.nanoTime() - start) / 1e9 * 20_000;
            assertTrue(received <= expected + 1, received + " packets of " + expected);
            // A machine that is busy with other things may stop this thread for a while.
            assertTrue(received > expected / 2, received + " packets of " + expected);
            assertTrue(quiet);
            assertTrue(calls <= 201, calls + " bursts");
        }
    }

    @Test
    void timesFollowTheRateAndNotTheClock() throws IOException {
        try (GeneratorPort port = port(traffic(new FlowChoice.Fresh(), 1000, 10, 1), 1, 2); Burst burst = new Burst(4)) {
            int count = 0;
            while (count == 0) {
                count = port.receive(burst, 1);
            }
            assertEquals(1_001_000_000L, Memory.getLong(burst.descriptor(0) + Burst.TIMESTAMP));
            port.release(burst.descriptor(0));
        }
        try (GeneratorPort port = port(traffic(new FlowChoice.Fresh(), 0, 10, 1), 0, 1); Burst burst = new Burst(4)) {
            assertEquals(4, port.receive(burst, 4));
            assertEquals(1_000_000_300L, Memory.getLong(burst.descriptor(3) + Burst.TIMESTAMP));
        }
    }

    @Test
    void queuesShareTheCount() throws IOException {
        Traffic traffic = traffic(new FlowChoice.Fresh(), 0, 10, 1);
        assertEquals(4, packets(traffic, 0, 3).size());
        assertEquals(3, packets(traffic, 2, 3).size());
        assertTrue(packets(traffic(new FlowChoice.Fresh(), 0, 1, 1), 1, 2).isEmpty());
    }

    @Test
    void whatIsSentGoesToTheCapture() throws IOException {
        Captured output = new Captured();
        try (GeneratorPort port = new GeneratorPort(1, 0, 1, traffic(new FlowChoice.InTurn(), 0, 2, 1), new CaptureSink(output.writer()), 4);
                Burst burst = new Burst(4)) {
            assertEquals(2, port.receive(burst, 4));
            assertTrue(port.transmit(burst.descriptor(0)));
            assertTrue(port.copy(burst.descriptor(1)));
            port.release(burst.descriptor(1));
            assertEquals(4, port.freeFrames());
            port.finish();
        }
        assertEquals(2, output.packets().size());
        assertFalse(output.packets().getFirst().isEmpty());
    }
}
