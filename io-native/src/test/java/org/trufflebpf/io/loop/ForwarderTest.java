package org.trufflebpf.io.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureBytes;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.Captured;
import org.trufflebpf.io.port.PcapPort;

/** Programs of entries of device maps and CPU maps. */
@Timeout(60)
final class ForwarderTest {
    private static final int PASSES = 1;
    private static final int DROPS = 2;
    private static final int SENDS_BACK = 3;
    private static final int REDIRECTS = 4;
    private static final int GOES_ROUND = 5;

    private final Captured first = new Captured();
    private final Captured second = new Captured();
    private final Captured passed = new Captured();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Ingress ingress = new Ingress();
    private Statistics.Snapshot counts;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    /** What to do with a packet stands in it: redirect kind, target, program, number. */
    private static byte[] packet(int kind, int target, int program, int number) {
        byte[] packet = new byte[20];
        packet[0] = (byte) kind;
        packet[1] = (byte) target;
        packet[2] = (byte) program;
        packet[3] = (byte) number;
        return packet;
    }

    /** Redirects as packets say. Group n is ports 1 and 2 with program n, and a port that is not there. */
    private static final class Ingress implements BurstProcessor {
        /** "program@cpu ingress>egress: numbers" for each burst of a program. */
        private final List<String> runs = new ArrayList<>();

        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                long data = Memory.getLong(descriptor + Burst.DATA);
                redirect(descriptor, Memory.getByte(data), Memory.getByte(data + 1), Memory.getByte(data + 2));
            }
        }

        private static void redirect(long descriptor, int kind, int target, int program) {
            Memory.putInt(descriptor + Burst.VERDICT, Verdict.REDIRECT.ordinal());
            Memory.putInt(descriptor + Burst.REDIRECT_KIND, kind);
            Memory.putInt(descriptor + Burst.REDIRECT_TARGET, target);
            Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, program);
        }

        @Override
        public long[] redirectGroup(int handle) {
            return new long[] {(long) handle << 32 | 1, (long) handle << 32 | 2, 99};
        }

        /** All but the one that goes round add 10 to the packet's number and take a byte off its start. */
        @Override
        public BurstProcessor program(int number, int cpu) {
            return burst -> {
                StringBuilder run = new StringBuilder(number + "@" + cpu + " " + burst.ingressIfindex() + ">"
                        + Memory.getInt(burst.address() + Burst.EGRESS_IFINDEX) + ":");
                for (int i = 0; i < burst.count(); i++) {
                    long descriptor = burst.descriptor(i);
                    long data = Memory.getLong(descriptor + Burst.DATA);
                    int length = Memory.getInt(descriptor + Burst.LENGTH);
                    run.append(' ').append(Memory.getByte(data + 3));
                    Verdict verdict = number == DROPS ? Verdict.DROP : number == SENDS_BACK ? Verdict.TX : Verdict.PASS;
                    Memory.putInt(descriptor + Burst.VERDICT, verdict.ordinal());
                    if (number != GOES_ROUND) {
                        Memory.putByte(data + 4, (byte) (Memory.getByte(data + 3) + 10));
                        Memory.putLong(descriptor + Burst.DATA, data + 1);
                        Memory.putInt(descriptor + Burst.LENGTH, length - 1);
                    }
                    if (number == REDIRECTS) {
                        redirect(descriptor, Burst.REDIRECT_TO_INTERFACE, 2, 0);
                    } else if (number == GOES_ROUND) {
                        redirect(descriptor, Burst.REDIRECT_TO_CPU, cpu + 1, GOES_ROUND);
                    }
                }
                runs.add(run.toString());
            };
        }
    }

    private void run(byte[]... packets) throws IOException {
        PcapPort one = new PcapPort(1, Captured.reader(CaptureBytes.pcap(packets)), new CaptureSink(first.writer()), 64);
        opened.add(one);
        PcapPort two = new PcapPort(2, Captured.reader(CaptureBytes.pcap()), new CaptureSink(second.writer()), 64);
        opened.add(two);
        PassTarget target = PassTarget.to(passed.writer());
        opened.add(target);
        PollLoop loop = new PollLoop(List.of(one, two), ingress, target, PollLoop.Settings.DEFAULT);
        assertEquals(StopReason.END_OF_INPUT, loop.run());
        counts = loop.statistics().snapshot();
    }

    /** "number of bytes:packet number" of the packets in an output. */
    private static List<String> packets(Captured output) throws IOException {
        return output.packets().stream().map(line -> line.substring(line.indexOf(':') + 1)).map(hex -> hex.length() / 2 + ":"
                + Integer.parseInt(hex.substring(6, 8), 16)).toList();
    }

    @Test
    void theProgramOfADeviceMapsEntryChangesPacketsOrDropsThem() throws IOException {
        run(packet(Burst.REDIRECT_TO_INTERFACE, 2, 0, 1), packet(Burst.REDIRECT_TO_INTERFACE, 2, PASSES, 2),
                packet(Burst.REDIRECT_TO_INTERFACE, 2, DROPS, 3), packet(Burst.REDIRECT_TO_INTERFACE, 2, SENDS_BACK, 4),
                packet(Burst.REDIRECT_TO_INTERFACE, 7, PASSES, 5));
        assertEquals(List.of("20:1", "19:12"), packets(second));
        assertEquals(List.of("1@0 1>2: 2", "2@0 1>2: 3", "3@0 1>2: 4"), ingress.runs);
        assertEquals(2, counts.packets(1, Counter.SENT));
        assertEquals(39, counts.bytes(1, Counter.SENT));
        assertEquals(2, counts.packets(1, Counter.EGRESS_DROP));
        assertEquals(1, counts.packets(0, Counter.REDIRECTED_NOWHERE));
        assertEquals(0, counts.packets(Counter.TX));
    }

    @Test
    void eachCopyOfABroadcastRunsThroughTheProgramByItself() throws IOException {
        run(packet(Burst.REDIRECT_TO_GROUP, PASSES, 0, 1), packet(Burst.REDIRECT_TO_OTHERS, PASSES, 0, 2),
                packet(Burst.REDIRECT_TO_GROUP, DROPS, 0, 3), packet(Burst.REDIRECT_TO_OTHERS, 0, 0, 4));
        assertEquals(List.of("19:11"), packets(first));
        assertEquals(List.of("19:11", "19:12", "20:4"), packets(second));
        assertEquals(List.of("1@0 1>1: 1", "1@0 1>2: 1", "1@0 1>2: 2", "2@0 1>1: 3", "2@0 1>2: 3"), ingress.runs);
        assertEquals(0, counts.packets(Counter.REDIRECTED_NOWHERE));
    }

    @Test
    void packetsForCpusArePassedThereAfterTheBurst() throws IOException {
        run(packet(Burst.REDIRECT_TO_CPU, 3, 0, 1), packet(Burst.REDIRECT_TO_CPU, 3, PASSES, 2), packet(Burst.REDIRECT_TO_CPU, 3, PASSES, 3),
                packet(Burst.REDIRECT_TO_CPU, 2, PASSES, 4), packet(Burst.REDIRECT_TO_CPU, 2, DROPS, 5),
                packet(Burst.REDIRECT_TO_CPU, 2, SENDS_BACK, 6), packet(Burst.REDIRECT_TO_CPU, 0, REDIRECTS, 7));
        assertEquals(List.of("20:1", "19:12", "19:13", "19:14"), packets(passed));
        assertEquals(List.of("19:17"), packets(second));
        assertEquals(List.of("1@3 1>0: 2 3", "1@2 1>0: 4", "2@2 1>0: 5", "3@2 1>0: 6", "4@0 1>0: 7"), ingress.runs);
        assertEquals(4, counts.packets(0, Counter.CPU_PASS));
        assertEquals(2, counts.packets(0, Counter.CPU_DROP));
        assertEquals(7, counts.packets(0, Counter.REDIRECT));
        assertEquals(0, counts.packets(Counter.PASS));
        assertEquals(1, counts.packets(1, Counter.SENT));
    }

    @Test
    void aPacketThatGoesFromCpuToCpuForEverIsDropped() throws IOException {
        run(packet(Burst.REDIRECT_TO_CPU, 0, GOES_ROUND, 1));
        assertEquals(CpuQueues.MOST_HOPS, ingress.runs.size());
        assertEquals(1, counts.packets(0, Counter.CPU_DROP));
    }

    @Test
    void aFullQueueTakesNothing() {
        try (CpuQueue queue = new CpuQueue(); NativeBlock frame = new NativeBlock(Burst.DEFAULT_FRAME_SIZE); Burst burst = new Burst(4)) {
            burst.setPacket(0, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 60, 0);
            long descriptor = burst.descriptor(0);
            for (int i = 0; i < CpuQueue.SLOTS; i++) {
                assertTrue(queue.offer(i < CpuQueue.SLOTS - 1 ? 1 : 2, 0, 0, 1, descriptor));
            }
            assertFalse(queue.offer(1, 0, 0, 1, descriptor));
            int taken = 0;
            while (queue.poll(burst)) {
                taken += burst.count();
                assertEquals(taken == CpuQueue.SLOTS ? 2 : 1, queue.cpu());
                queue.release();
            }
            assertEquals(CpuQueue.SLOTS, taken);
            burst.setPacket(0, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 60, 0);
            assertTrue(queue.offer(1, 0, 0, 1, descriptor));
        }
    }

    /** A packet takes a slot for each of its frame's pages, also where it begins at the ring's end, and keeps its bytes and room. */
    @Test
    void packetsOfSeveralBuffersTakeAsManySlots() {
        try (CpuQueue queue = new CpuQueue(); NativeBlock frame = new NativeBlock(Burst.JUMBO_FRAME_SIZE); Burst burst = new Burst(1)) {
            Random random = new Random(5);
            Deque<byte[]> sent = new ArrayDeque<>();
            int slots = 0;
            for (int i = 0; i < 5000; i++) {
                byte[] packet = new byte[random.nextBoolean() ? 60 : 14 + random.nextInt(Burst.LONGEST_JUMBO - 13)];
                random.nextBytes(packet);
                Memory.copyFrom(packet, 0, frame.address() + Burst.HEADROOM, packet.length);
                int pages = Burst.frameSize(packet.length) / Burst.DEFAULT_FRAME_SIZE;
                burst.setPacket(0, frame.address(), packet.length, i);
                boolean fits = slots + pages <= CpuQueue.SLOTS;
                assertEquals(fits, queue.offer(0, 0, 0, 1, burst.descriptor(0)));
                if (fits) {
                    sent.add(packet);
                    slots += pages;
                }
                while (!fits && sent.size() > random.nextInt(30)) {
                    assertTrue(queue.poll(burst));
                    byte[] first = sent.remove();
                    long descriptor = burst.descriptor(0);
                    assertArrayEquals(first, Memory.bytes(Memory.getLong(descriptor + Burst.DATA), Memory.getInt(descriptor + Burst.LENGTH)));
                    assertEquals(Burst.frameSize(first.length), Memory.getInt(descriptor + Burst.FRAME_SIZE));
                    Memory.fill(Memory.getLong(descriptor + Burst.FRAME), Memory.getInt(descriptor + Burst.FRAME_SIZE), (byte) 0x55);
                    slots -= Memory.getInt(descriptor + Burst.FRAME_SIZE) / Burst.DEFAULT_FRAME_SIZE;
                    queue.release();
                }
            }
        }
    }
}
