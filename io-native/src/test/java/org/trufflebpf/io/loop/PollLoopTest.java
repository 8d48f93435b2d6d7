package org.trufflebpf.io.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.generator.FlowChoice;
import org.trufflebpf.io.generator.FlowTemplate;
import org.trufflebpf.io.generator.Traffic;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.BrokenCaptureException;
import org.trufflebpf.io.pcap.CaptureBytes;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.Captured;
import org.trufflebpf.io.port.GeneratorPort;
import org.trufflebpf.io.port.PcapPort;
import org.trufflebpf.io.port.Port;

@Timeout(60)
final class PollLoopTest {
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    /** A packet of 20 bytes that starts with what the {@link Script} is to do, then a number to tell it by. */
    private static byte[] packet(int verdict, int kind, int target, int number) {
        byte[] packet = new byte[20];
        packet[0] = (byte) verdict;
        packet[1] = (byte) kind;
        packet[2] = (byte) target;
        packet[3] = (byte) number;
        return packet;
    }

    private static byte[] packet(Verdict verdict, int number) {
        return packet(verdict.ordinal(), 0, 0, number);
    }

    private static byte[] redirect(int kind, int target, int number) {
        return packet(Verdict.REDIRECT.ordinal(), kind, target, number);
    }

    /** Does what packets say, and notes each as "ifindex:number". Group n is n, n + 1 and 99. */
    private static class Script implements BurstProcessor {
        final List<String> seen = new ArrayList<>();
        final List<Integer> bursts = new ArrayList<>();

        @Override
        public void process(Burst burst) {
            bursts.add(burst.count());
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                long data = Memory.getLong(descriptor + Burst.DATA);
                Memory.putInt(descriptor + Burst.VERDICT, Memory.getByte(data));
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, Memory.getByte(data + 1));
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, Memory.getByte(data + 2));
                seen.add(Memory.getInt(burst.address() + Burst.INGRESS_IFINDEX) + ":" + Memory.getByte(data + 3));
            }
        }

        @Override
        public long[] redirectGroup(int handle) {
            return handle == 0 ? new long[0] : new long[] {handle, handle + 1, 99};
        }
    }

    /** Every packet gets one verdict. */
    private static BurstProcessor always(Verdict verdict, IntUnaryOperator perBurst) {
        return new Script() {
            @Override
            public void process(Burst burst) {
                for (int i = 0; i < burst.count(); i++) {
                    Memory.putInt(burst.descriptor(i) + Burst.VERDICT, verdict.ordinal());
                }
                perBurst.applyAsInt(burst.count());
            }
        };
    }

    private PcapPort port(int ifindex, byte[] capture, Captured output) throws IOException {
        return port(ifindex, capture, output == null ? null : output.writer());
    }

    private PcapPort port(int ifindex, byte[] capture, CaptureWriter writer) throws IOException {
        PcapPort port = new PcapPort(ifindex, Captured.reader(capture), new CaptureSink(writer), 64);
        opened.add(port);
        return port;
    }

    private static byte[] timed(Object... timesAndPackets) {
        CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).pcapHeader(true, 1);
        for (int i = 0; i < timesAndPackets.length; i += 2) {
            capture.pcapPacket(1, (int) timesAndPackets[i], packet(Verdict.DROP, (int) timesAndPackets[i + 1]), 20);
        }
        return capture.toBytes();
    }

    /** The numbers of the packets in an output. */
    private static List<Integer> numbers(Captured output) throws IOException {
        return output.packets().stream().map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 7, line.indexOf(':') + 9), 16)).toList();
    }

    @Test
    void doesWhatTheVerdictsSay() throws Exception {
        Captured one = new Captured();
        Captured two = new Captured();
        Captured passed = new Captured();
        byte[] first = CaptureBytes.pcap(packet(Verdict.TX, 1), packet(Verdict.DROP, 2), packet(Verdict.PASS, 3), packet(Verdict.ABORTED, 4),
                redirect(Burst.REDIRECT_TO_INTERFACE, 2, 5), redirect(Burst.REDIRECT_TO_INTERFACE, 7, 6), redirect(Burst.REDIRECT_TO_NOWHERE, 2, 7),
                redirect(Burst.REDIRECT_TO_GROUP, 1, 8), redirect(Burst.REDIRECT_TO_GROUP, 2, 9), redirect(Burst.REDIRECT_TO_GROUP, 0, 10),
                redirect(Burst.REDIRECT_TO_GROUP, 50, 11), packet(77, 0, 0, 12), redirect(Burst.REDIRECT_TO_INTERFACE, 1, 13));
        byte[] second = CaptureBytes.pcap(packet(Verdict.TX, 21), redirect(Burst.REDIRECT_TO_INTERFACE, 1, 22), new byte[4000]);
        PcapPort port1 = port(1, first, one);
        PcapPort port2 = port(2, second, two);
        Script script = new Script();
        PassTarget target = PassTarget.to(passed.writer());
        opened.add(target);
        PollLoop loop = new PollLoop(List.of(port1, port2), script, target, PollLoop.Settings.DEFAULT);
        assertSame(StopReason.END_OF_INPUT, loop.run());

        assertEquals(List.of("1:1", "2:21", "1:2", "2:22", "1:3", "1:4", "1:5", "1:6", "1:7", "1:8", "1:9", "1:10", "1:11", "1:12", "1:13"),
                script.seen);
        assertEquals(List.of(1, 22, 8, 13), numbers(one));
        assertEquals(List.of(21, 5, 8, 9), numbers(two));
        assertEquals(List.of(3), numbers(passed));
        Statistics.Snapshot counts = loop.statistics().snapshot();
        assertEquals(2, counts.ports());
        assertEquals(2, counts.ifindex(1));
        long[][] expected = new long[2][Counter.values().length];
        expected[0] = new long[] {13, 2, 1, 1, 1, 8, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        expected[1] = new long[] {2, 0, 0, 0, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        for (int port = 0; port < 2; port++) {
            for (Counter counter : Counter.values()) {
                long packets = expected[port][counter.ordinal()];
                assertEquals(packets, counts.packets(port, counter), "port " + port + " " + counter);
                assertEquals(counter == Counter.MISSED ? 0 : 20 * packets, counts.bytes(port, counter), "port " + port + " " + counter);
            }
        }
        assertEquals(15, counts.packets(Counter.RECEIVED));
        assertEquals(300, counts.bytes(Counter.RECEIVED));
        assertEquals(30, counts.plus(counts).packets(Counter.RECEIVED));
        assertFramesAreBack(port1, 64);
        assertFramesAreBack(port2, 64);
    }

    /** A port takes no more frames back than it has, so one more is refused exactly if none is missing. */
    private static void assertFramesAreBack(PcapPort port, int frames) {
        try (Burst burst = new Burst(1)) {
            burst.setPacket(0, 0, Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 0, 0);
            assertThrows(IllegalStateException.class, () -> port.release(burst.descriptor(0)), "not all " + frames + " frames came back");
        }
    }

    @Test
    void mergesPortsByTime() throws Exception {
        byte[] first = timed(10, 1, 20, 2, 20, 3, 50, 4, 40, 5);
        byte[] second = timed(5, 11, 20, 12, 30, 13, 45, 14, 60, 15);
        byte[] third = timed(20, 21, 20, 22);
        List<String> expected = List.of("2:11", "1:1", "1:2", "1:3", "2:12", "3:21", "3:22", "2:13", "2:14", "1:4", "1:5", "2:15");
        for (int burst : new int[] {1, 2, 64}) {
            Script script = new Script();
            List<PcapPort> ports = List.of(port(1, first, (Captured) null), port(2, second, (Captured) null), port(3, third, (Captured) null));
            new PollLoop(ports, script, PassTarget.drop(), PollLoop.Settings.DEFAULT.withBurst(burst)).run();
            assertEquals(expected, script.seen);
        }
    }

    @Test
    void burstsAreFullWhereTimeAllows() throws Exception {
        byte[][] packets = new byte[150][];
        Arrays.fill(packets, packet(Verdict.DROP, 1));
        Script script = new Script();
        new PollLoop(List.of(port(1, CaptureBytes.pcap(packets), (Captured) null)), script, PassTarget.drop(), PollLoop.Settings.DEFAULT).run();
        assertEquals(List.of(64, 64, 22), script.bursts);
    }

    @Test
    void stopsAtACount() throws Exception {
        byte[][] packets = new byte[150][];
        Arrays.fill(packets, packet(Verdict.TX, 1));
        Captured output = new Captured();
        Script script = new Script();
        PollLoop loop = new PollLoop(List.of(port(1, CaptureBytes.pcap(packets), output)), script, PassTarget.drop(),
                PollLoop.Settings.DEFAULT.withCount(100));
        assertSame(StopReason.COUNT, loop.run());
        assertEquals(List.of(64, 36), script.bursts);
        assertEquals(100, output.packets().size());
    }

    /** A live port that never runs dry. */
    private static final class Endless implements Port {
        private final long frame;
        private int lent;
        private int flushes;

        Endless(long frame) {
            this.frame = frame;
        }

        @Override
        public int ifindex() {
            return 1;
        }

        @Override
        public int rxQueue() {
            return 5;
        }

        @Override
        public int receive(Burst burst, int limit) {
            for (int i = 0; i < limit; i++) {
                burst.setPacket(i, frame, Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 64, 0);
            }
            lent += limit;
            return limit;
        }

        @Override
        public boolean copy(long descriptor) {
            return false;
        }

        @Override
        public void release(long descriptor) {
            lent--;
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void close() {
        }
    }

    private Endless endless() {
        NativeBlock block = new NativeBlock(Burst.DEFAULT_FRAME_SIZE);
        opened.add(block);
        return new Endless(block.address());
    }

    @Test
    void stopsAfterADuration() throws Exception {
        long wanted = TimeUnit.MILLISECONDS.toNanos(50);
        Endless port = endless();
        PollLoop loop = new PollLoop(List.of(port), always(Verdict.TX, count -> count), PassTarget.drop(),
                PollLoop.Settings.DEFAULT.withDuration(wanted));
        long start = System.nanoTime();
        assertSame(StopReason.DURATION, loop.run());
        assertTrue(System.nanoTime() - start >= wanted);
        assertEquals(0, port.lent);
        Statistics.Snapshot counts = loop.statistics().snapshot();
        assertTrue(counts.packets(Counter.TX) > 0);
        assertEquals(counts.packets(Counter.TX), counts.packets(Counter.NOT_SENT));
        assertEquals(counts.packets(Counter.TX) / 64, port.flushes);
    }

    @Test
    void stopsWhenAnotherThreadAsks() throws Exception {
        PollLoop[] loop = new PollLoop[1];
        Thread[] stopper = new Thread[1];
        loop[0] = new PollLoop(List.of(endless()), always(Verdict.DROP, count -> {
            if (stopper[0] == null) {
                stopper[0] = Thread.ofPlatform().start(() -> loop[0].stop());
            }
            return count;
        }), PassTarget.drop(), PollLoop.Settings.DEFAULT);
        assertSame(StopReason.REQUESTED, loop[0].run());
        stopper[0].join();
    }

    @Test
    void readersOfStatisticsSeeThemGrow() throws Exception {
        Endless port = endless();
        PollLoop loop = new PollLoop(List.of(port), always(Verdict.PASS, count -> count), PassTarget.drop(), PollLoop.Settings.DEFAULT);
        Thread worker = Thread.ofPlatform().start(() -> assertSame(StopReason.REQUESTED, assertDoesNotFail(loop)));
        long before = 0;
        for (int i = 0; i < 5; i++) {
            long now;
            while ((now = loop.statistics().snapshot().packets(Counter.PASS)) == before) {
                Thread.onSpinWait();
            }
            assertTrue(now > before);
            before = now;
        }
        loop.stop();
        worker.join();
        Statistics.Snapshot counts = loop.statistics().snapshot();
        assertEquals(counts.packets(Counter.RECEIVED), counts.packets(Counter.PASS));
        assertEquals(64 * counts.packets(0, Counter.PASS), counts.bytes(0, Counter.PASS));
    }

    private static StopReason assertDoesNotFail(PollLoop loop) {
        try {
            return loop.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theHeaderSaysWherePacketsComeFrom() throws Exception {
        List<String> origins = new ArrayList<>();
        BurstProcessor processor = new Script() {
            @Override
            public void process(Burst burst) {
                origins.add(Memory.getInt(burst.address() + Burst.INGRESS_IFINDEX) + " " + Memory.getInt(burst.address() + Burst.RX_QUEUE) + " "
                        + Memory.getInt(burst.address() + Burst.CPU) + " " + burst.count());
                super.process(burst);
            }
        };
        new PollLoop(List.of(endless()), processor, PassTarget.drop(), PollLoop.Settings.DEFAULT.withCpu(3).withBurst(2).withCount(5)).run();
        assertEquals(List.of("1 5 3 2", "1 5 3 2", "1 5 3 1"), origins);
    }

    @Test
    void aBrokenCaptureIsReportedAfterItsPacketsAndTheOthers() throws Exception {
        byte[] whole = CaptureBytes.pcap(packet(Verdict.TX, 1), packet(Verdict.TX, 2), packet(Verdict.TX, 3));
        Captured one = new Captured();
        Captured two = new Captured();
        PollLoop loop = new PollLoop(List.of(port(1, Arrays.copyOf(whole, whole.length - 1), one), port(2, whole, two)), new Script(),
                PassTarget.drop(), PollLoop.Settings.DEFAULT);
        BrokenCaptureException broken = assertThrows(BrokenCaptureException.class, loop::run);
        assertEquals("in: at byte 96: the file ends inside a packet of 20 bytes", broken.getMessage());
        assertEquals(List.of(1, 2), numbers(one));
        assertEquals(List.of(1, 2, 3), numbers(two));
    }

    @Test
    void unwritableOutputEndsTheRunAndNothingAppears() throws Exception {
        byte[][] packets = new byte[100_000][];
        Arrays.fill(packets, packet(Verdict.TX, 1));
        Captured output = new Captured();
        byte[] capture = CaptureBytes.pcap(packets);
        PollLoop loop = new PollLoop(List.of(port(1, capture, CaptureWriter.create(Path.of("/dev/full"))), port(2, capture, output)), new Script(),
                PassTarget.drop(), PollLoop.Settings.DEFAULT);
        assertEquals("/dev/full: cannot be written: No space left on device", assertThrows(IOException.class, loop::run).getMessage());
        assertFalse(output.committed());
    }

    @Test
    void aFailingProcessorLeavesNothingBehind() throws Exception {
        Captured output = new Captured();
        BurstProcessor processor = always(Verdict.TX, count -> {
            throw new IllegalStateException("cancelled");
        });
        PollLoop loop = new PollLoop(List.of(port(1, CaptureBytes.pcap(packet(Verdict.TX, 1)), output)), processor, PassTarget.drop(),
                PollLoop.Settings.DEFAULT);
        assertThrows(IllegalStateException.class, loop::run);
        assertFalse(output.committed());
    }

    @Test
    void aFullPassTargetIsCounted() throws Exception {
        PollLoop loop = new PollLoop(List.of(port(1, CaptureBytes.pcap(packet(Verdict.PASS, 1)), (Captured) null)), new Script(),
                descriptor -> false, PollLoop.Settings.DEFAULT);
        loop.run();
        assertEquals(1, loop.statistics().snapshot().packets(Counter.NOT_PASSED));
    }

    @Test
    void tellsHowFarItIs(@TempDir Path folder) throws Exception {
        byte[] capture = CaptureBytes.pcap(packet(Verdict.DROP, 1), packet(Verdict.DROP, 2));
        Path file = Files.write(folder.resolve("in.pcap"), capture);
        List<String> reports = new ArrayList<>();
        PcapPort sized = new PcapPort(1, CaptureReader.open(file), new CaptureSink(null), 64);
        opened.add(sized);
        new PollLoop(List.of(sized), always(Verdict.DROP, count -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(120));
            return count;
        }), PassTarget.drop(), PollLoop.Settings.DEFAULT.withBurst(1).withProgress((position, size, packets) ->
                reports.add(position + "/" + size + " " + packets))).run();
        assertEquals(capture.length + "/" + capture.length + " 2", reports.getLast());
        assertTrue(reports.size() >= 2, "told while running");
        reports.clear();
        new PollLoop(List.of(port(1, capture, (Captured) null)), new Script(), PassTarget.drop(),
                PollLoop.Settings.DEFAULT.withProgress((position, size, packets) -> reports.add(position + "/" + size + " " + packets))).run();
        assertEquals(List.of(capture.length + "/-1 2"), reports);
    }

    @Test
    void withoutPacketsTheWorkerSleeps() throws Exception {
        Traffic traffic = new Traffic(List.of(new FlowTemplate(new byte[60], List.of(), List.of())), false, List.of(), new FlowChoice.Fresh(), 1000,
                Long.MAX_VALUE, 0);
        GeneratorPort port = new GeneratorPort(1, 0, 1, traffic, new CaptureSink(null), 64);
        opened.add(port);
        long[] slept = new long[1];
        Waiter waiter = new Waiter() {
            @Override
            public void pass(long nanoseconds) {
                long start = System.nanoTime();
                Waiter.SLEEP.pass(nanoseconds);
                slept[0] += System.nanoTime() - start;
            }

            @Override
            public void await(Readiness ports, long nanoseconds) {
                long start = System.nanoTime();
                Waiter.SLEEP.await(ports, nanoseconds);
                slept[0] += System.nanoTime() - start;
            }
        };
        PollLoop loop = new PollLoop(List.of(port), always(Verdict.DROP, count -> count), PassTarget.drop(),
                PollLoop.Settings.DEFAULT.withDuration(TimeUnit.MILLISECONDS.toNanos(500)).withWaiter(waiter));
        assertSame(StopReason.DURATION, loop.run());
        assertTrue(slept[0] > TimeUnit.MILLISECONDS.toNanos(300), slept[0] + " ns of 500 ms");
        assertTrue(loop.statistics().snapshot().packets(Counter.DROP) > 100);
    }
}
