package org.trufflebpf.io.xsk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Statistics;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Ports whose kernel is a {@link MemoryKernel}. */
@Timeout(120)
final class XskPortTest {
    private static final int RING = 64;
    private static final int FRAMES = 2 * 3 * RING;
    private static final int QUEUE = 3;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Umem umem;
    private Side first;
    private Side second;
    private Burst burst;

    /** A port and what moves its packets. */
    private record Side(MemoryKernel kernel, XskPort port) {
    }

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Libc.available(), "system calls cannot be made");
        umem = new Umem(FRAMES, false, false);
        first = side(1, umem);
        second = side(2, umem);
        burst = opened(new Burst(RING));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        if (umem != null) {
            umem.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private Side side(int ifindex, Umem memory) {
        MemoryKernel kernel = opened(new MemoryKernel(RING));
        XskSettings settings = new XskSettings("lo", ifindex, 0, XskSettings.Copying.COPY, XskSettings.Attaching.GENERIC, RING, false);
        return new Side(kernel, opened(new XskPort(settings, QUEUE, memory, kernel.socket(), 0, XskPort.TICK, () -> { }, line -> { })));
    }

    /** Lends frames until the first receive, as that is what gives the kernel some. */
    private int receive(Side side, int packets, int length) throws IOException {
        side.port.receive(burst, RING);
        assertEquals(packets, side.kernel.deliver(packets, length));
        return side.port.receive(burst, RING);
    }

    private void assertAllHome() {
        assertEquals(FRAMES, umem.available() + first.port.held() + second.port.held(), "frames of the memory");
    }

    @Test
    void describesWhatItReceives() throws IOException {
        assertEquals(0, first.port.receive(burst, RING), "nothing is there");
        long before = System.currentTimeMillis();
        assertEquals(5, receive(first, 5, 64));
        for (int i = 0; i < 5; i++) {
            long descriptor = burst.descriptor(i);
            long frame = Memory.getLong(descriptor + Burst.FRAME);
            assertEquals(0, (frame - umem.address()) % Umem.CHUNK);
            assertEquals(frame + Burst.HEADROOM, Memory.getLong(descriptor + Burst.DATA));
            assertEquals(64, Memory.getInt(descriptor + Burst.LENGTH));
            assertEquals(0, Memory.getInt(descriptor + Burst.META_LENGTH));
            assertEquals(Umem.CHUNK, Memory.getInt(descriptor + Burst.FRAME_SIZE));
            assertEquals(before, Memory.getLong(descriptor + Burst.TIMESTAMP) / 1_000_000, 60_000.0);
            first.port.release(descriptor);
        }
        assertEquals(QUEUE, first.port.rxQueue());
        assertAllHome();
    }

    @Test
    void packetsThatReachIntoTheReserveAreMissed() throws IOException {
        assertEquals(1, receive(first, 1, Burst.LONGEST_PACKET));
        first.port.release(burst.descriptor(0));
        assertEquals(0, receive(first, 2, Burst.LONGEST_PACKET + 1));
        assertEquals(2, first.port.missed());
        assertAllHome();
    }

    /** The last part of a packet may still be missing, the limit may be in its middle, and there are only so many places for gathered ones. */
    @Test
    void packetsOfSeveralFramesAreGatheredAndScattered() throws IOException {
        Umem memory = opened(new Umem(FRAMES, false, true));
        Side one = side(1, memory);
        Side two = side(2, memory);
        one.port.receive(burst, RING);
        assertEquals(1, one.kernel.deliver(1, 64));
        assertEquals(2, one.kernel.deliver(2, 9000));
        assertEquals(1, one.kernel.deliver(1, Burst.LONGEST_PACKET + 1));
        for (int i = 0; i < 3; i++) {
            for (int part = 0; part < 2; part++) {
                long entry = one.kernel.socket().rx().entry(1 + part);
                Memory.fill(memory.address() + Memory.getLong(entry), Memory.getInt(entry + Ring.LENGTH), (byte) ('a' + part));
            }
        }
        assertEquals(2, one.port.receive(burst, 2));
        assertEquals(64, Memory.getInt(burst.descriptor(0) + Burst.LENGTH));
        one.port.release(burst.descriptor(0));
        long descriptor = burst.descriptor(1);
        long data = Memory.getLong(descriptor + Burst.DATA);
        assertEquals(9000, Memory.getInt(descriptor + Burst.LENGTH));
        assertEquals(3 * 4096, Memory.getInt(descriptor + Burst.FRAME_SIZE));
        assertEquals('a', Memory.getByte(data + 3839));
        assertEquals('b', Memory.getByte(data + 3840));
        Memory.putInt(descriptor + Burst.LENGTH, 8000);
        assertTrue(two.port.transmit(descriptor));
        two.port.flush();
        int[] lengths = {3840, 3840, 320};
        for (int part = 0; part < 3; part++) {
            long entry = two.kernel.socket().tx().entry(part - 3);
            assertEquals(lengths[part], Memory.getInt(entry + Ring.LENGTH));
            assertEquals(part < 2 ? Ring.CONTINUED : 0, Memory.getInt(entry + Ring.OPTIONS));
        }
        two.kernel.send(RING);
        two.port.receive(burst, RING);
        assertEquals(1, two.kernel.sent());

        assertEquals(2, one.port.receive(burst, RING));
        assertEquals(9000, Memory.getInt(burst.descriptor(0) + Burst.LENGTH));
        assertEquals(Burst.LONGEST_PACKET + 1, Memory.getInt(burst.descriptor(1) + Burst.LENGTH));
        one.port.release(burst.descriptor(0));
        one.port.release(burst.descriptor(1));
        assertEquals(0, one.port.missed());
        assertEquals(64, memory.gathered().available());
        assertEquals(FRAMES, memory.available() + one.port.held() + two.port.held());
    }

    @Test
    void framesLeaveAsTheProcessorLeftThem() throws IOException {
        assertEquals(1, receive(first, 1, 100));
        long descriptor = burst.descriptor(0);
        long data = Memory.getLong(descriptor + Burst.DATA) - 20;
        Memory.putLong(descriptor + Burst.DATA, data);
        Memory.putInt(descriptor + Burst.LENGTH, 130);
        assertSame(first.port.memory(), second.port.memory());
        assertTrue(second.port.transmit(descriptor));
        second.port.flush();
        long entry = second.kernel.socket().tx().entry(-1);
        assertEquals(data - umem.address(), Memory.getLong(entry), "the frame itself");
        assertEquals(130, Memory.getInt(entry + Ring.LENGTH));
        second.kernel.send(RING);
        second.port.receive(burst, RING);
        assertAllHome();
    }

    @Test
    void copiesFromForeignMemory() throws IOException {
        try (NativeBlock foreign = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
            Memory.fill(foreign.address() + Burst.HEADROOM, 300, (byte) 7);
            burst.setPacket(0, foreign.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 300, 0);
            assertTrue(first.port.copy(burst.descriptor(0)));
            first.port.flush();
            long entry = first.kernel.socket().tx().entry(-1);
            assertEquals(300, Memory.getInt(entry + Ring.LENGTH));
            assertEquals(0x0707070707070707L, Memory.getLong(umem.address() + Memory.getLong(entry) + 292));
        }
        first.kernel.send(RING);
        first.port.receive(burst, RING);
        assertAllHome();
    }

    @Test
    void fullRingsLoseWhatIsSent() throws IOException {
        assertEquals(RING, receive(first, RING, 64));
        for (int i = 0; i < RING; i++) {
            assertTrue(second.port.transmit(burst.descriptor(i)));
        }
        second.port.flush();
        assertEquals(1, receive(first, 1, 64));
        assertFalse(second.port.copy(burst.descriptor(0)));
        assertFalse(second.port.transmit(burst.descriptor(0)), "the frame is taken all the same");
        assertAllHome();
        second.kernel.send(1);
        second.port.receive(burst, RING);
        assertEquals(1, receive(first, 1, 64));
        assertTrue(second.port.transmit(burst.descriptor(0)), "one came back");
        second.port.flush();
        assertAllHome();
    }

    @Test
    void withoutFramesNothingIsReceivedOrCopied() throws IOException {
        int lent = 0;
        first.port.receive(burst, RING);
        second.port.receive(burst, RING);
        while (first.kernel.deliver(RING, 64) > 0) {
            lent += first.port.receive(burst, RING);
        }
        assertEquals(FRAMES - second.port.held(), lent);
        assertFalse(first.port.copy(burst.descriptor(0)));
        first.port.release(burst.descriptor(0));
        assertTrue(first.port.copy(burst.descriptor(1)));
    }

    @Test
    void aFrameGivenBackTwiceIsNoticed() throws IOException {
        try (Umem small = new Umem(1, false, false)) {
            long frame = small.take();
            small.give(frame + 77);
            assertEquals(frame, small.take());
            small.give(frame);
            assertThrows(IllegalStateException.class, () -> small.give(frame));
        }
    }

    /** Gives every kind of verdict, in an order that is the same in every run, and moves the packets of both kernels. */
    private final class Everything implements BurstProcessor {
        private static final int GROUP = 7;
        private static final int PROGRAM = 9;

        private final Random random = new Random(5);

        @Override
        public void process(Burst packets) {
            for (int i = 0; i < packets.count(); i++) {
                long descriptor = packets.descriptor(i);
                int kind = random.nextInt(Burst.REDIRECT_TO_SOCKET + 1);
                Memory.putInt(descriptor + Burst.VERDICT, random.nextInt(6));
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, kind);
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, switch (kind) {
                    case Burst.REDIRECT_TO_INTERFACE -> 1 + random.nextInt(3);
                    case Burst.REDIRECT_TO_CPU -> random.nextInt(4);
                    case Burst.REDIRECT_TO_SOCKET -> QUEUE - random.nextInt(2);
                    default -> GROUP;
                });
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, random.nextBoolean() ? PROGRAM : 0);
                int moved = random.nextInt(64) - 32;
                Memory.putLong(descriptor + Burst.DATA, Memory.getLong(descriptor + Burst.DATA) - moved);
                Memory.putInt(descriptor + Burst.LENGTH, Memory.getInt(descriptor + Burst.LENGTH) + moved);
            }
            move();
        }

        private void move() {
            for (Side side : List.of(first, second)) {
                side.kernel.send(random.nextInt(16));
                side.kernel.deliver(random.nextInt(RING + 1), 64);
            }
        }

        @Override
        public long idle() {
            move();
            return Long.MAX_VALUE;
        }

        @Override
        public long[] redirectGroup(int handle) {
            return new long[] {1, (long) PROGRAM << 32 | 2, 99};
        }

        @Override
        public BurstProcessor program(int number, int cpu) {
            return packets -> {
                for (int i = 0; i < packets.count(); i++) {
                    Memory.putInt(packets.descriptor(i) + Burst.VERDICT, random.nextInt(5));
                    Memory.putInt(packets.descriptor(i) + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
                    Memory.putInt(packets.descriptor(i) + Burst.REDIRECT_TARGET, 2);
                    Memory.putInt(packets.descriptor(i) + Burst.REDIRECT_PROGRAM, 0);
                }
            };
        }
    }

    @Test
    void millionsOfFramesComeHomeWhateverTheVerdicts() throws IOException {
        long count = 3_000_000;
        PollLoop loop = new PollLoop(List.of(first.port, second.port), new Everything(), PassTarget.drop(), PollLoop.Settings.DEFAULT.withCount(count));
        loop.run();
        Statistics.Snapshot counts = loop.statistics().snapshot();
        assertEquals(count, counts.packets(Counter.RECEIVED));
        for (Counter counter : EnumSet.complementOf(EnumSet.of(Counter.NOT_PASSED, Counter.FROM_STACK, Counter.MISSED, Counter.CPU_FULL))) {
            assertTrue(counts.packets(counter) > 1000, counter + ": " + counts.packets(counter));
        }
        assertAllHome();
        for (Side side : List.of(first, second)) {
            side.kernel.send(RING);
            side.port.receive(burst, RING);
        }
        assertEquals(counts.packets(Counter.SENT), first.kernel.sent() + second.kernel.sent());
        assertTrue(first.kernel.received() + second.kernel.received() >= count);
    }
}
