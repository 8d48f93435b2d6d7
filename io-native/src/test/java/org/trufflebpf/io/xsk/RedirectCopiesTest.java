package org.trufflebpf.io.xsk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
import org.trufflebpf.io.pcap.CaptureBytes;
import org.trufflebpf.io.port.CaptureSink;
import org.trufflebpf.io.port.Captured;
import org.trufflebpf.io.port.PcapPort;
import org.trufflebpf.io.tap.TapPort;
import org.trufflebpf.io.tap.TapSettings;

/**
 * How often the bytes of redirected packets are copied: not at all between AF_XDP ports, whose frames are told from others by where they lie, once
 * where a port of another memory is at one end. Two AF_XDP ports whose kernel is a {@link MemoryKernel}, interfaces 1 and 2, run beside a capture
 * and a pair of sockets in the place of a TAP interface, 3 and 4.
 */
@Timeout(60)
final class RedirectCopiesTest {
    private static final int RING = 64;
    private static final int FRAMES = 2 * XskPorts.RINGS * RING;
    private static final int CAPTURE = 3;
    private static final int TAP = 4;
    private static final int PORTS = 4;
    /** Packets that come at each port: as many for each port. */
    private static final int PACKETS = 4 * PORTS;
    private static final int LENGTH = 64;
    /** Bytes that the program puts before each packet. */
    private static final int ADDED = 16;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<MemoryKernel> kernels = new ArrayList<>();
    private final List<XskPort> sockets = new ArrayList<>();
    private final List<WatchedPort> ports = new ArrayList<>();
    private final Captured captured = new Captured();
    private Umem umem;
    private TapPort peer;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Libc.available(), "system calls cannot be made");
        umem = opened(new Umem(FRAMES, false, false));
        for (int ifindex = 1; ifindex < CAPTURE; ifindex++) {
            XskSettings settings = new XskSettings("lo", ifindex, 0, XskSettings.Copying.COPY, XskSettings.Attaching.GENERIC, RING, false);
            MemoryKernel kernel = opened(new MemoryKernel(RING));
            kernels.add(kernel);
            sockets.add(opened(new XskPort(settings, 0, umem, kernel.socket(), 0, XskPort.TICK, () -> { }, line -> { })));
        }
        List<TapPort> pair = TapPort.pair(new TapSettings("lo", TAP, TapSettings.ANY_MAC, null, List.of(), 0, false), false);
        pair.forEach(this::opened);
        peer = pair.get(1);
        byte[][] packets = new byte[PACKETS][];
        for (int i = 0; i < PACKETS; i++) {
            packets[i] = packet(CAPTURE, i, LENGTH);
        }
        PcapPort capture = opened(new PcapPort(CAPTURE, Captured.reader(CaptureBytes.pcap(packets)), new CaptureSink(captured.writer()), RING));
        for (XskPort socket : sockets) {
            ports.add(new WatchedPort(socket));
        }
        ports.add(new WatchedPort(capture));
        ports.add(new WatchedPort(pair.getFirst()));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Every byte tells which packet it is, which is neither a length nor an EtherType of its own. */
    private static byte[] packet(int ifindex, int number, int length) {
        byte[] packet = new byte[length];
        Arrays.fill(packet, (byte) ((ifindex - 1) * PACKETS + number + 1));
        return packet;
    }

    private void comeAtSocket(int number) throws IOException {
        try (Burst none = new Burst(1)) {
            assertEquals(0, sockets.get(number).receive(none, 1), "gives the kernel frames only");
        }
        assertEquals(PACKETS, kernels.get(number).deliver(PACKETS, LENGTH));
        Ring rx = kernels.get(number).socket().rx();
        for (int i = 0; i < PACKETS; i++) {
            Memory.copyFrom(packet(number + 1, i, LENGTH), 0, umem.address() + Memory.getLong(rx.entry(i)), LENGTH);
        }
    }

    private void comeAtTap() {
        try (NativeBlock frame = new NativeBlock(Burst.DEFAULT_FRAME_SIZE); Burst burst = new Burst(1)) {
            for (int i = 0; i < PACKETS; i++) {
                Memory.copyFrom(packet(TAP, i, LENGTH), 0, frame.address() + Burst.HEADROOM, LENGTH);
                burst.setPacket(0, frame.address(), LENGTH, 0);
                assertTrue(peer.copy(burst.descriptor(0)));
            }
        }
    }

    private boolean isInMemory(long address) {
        return Long.compareUnsigned(address - umem.address(), umem.size()) < 0;
    }

    /** A packet that was redirected: what its bytes are, and where in the memory of the sockets they began, -1 if not there. */
    private record Redirected(byte content, long place) {
    }

    /** Makes each packet longer at its start and redirects it: those of a port in turns to each, or all of them to everywhere. */
    private final class Redirector implements BurstProcessor {
        private final boolean everywhere;
        private final int[] turns = new int[PORTS + 1];
        /** By the interface that they go to. */
        private final List<List<Redirected>> redirected = new ArrayList<>();

        Redirector(boolean everywhere) {
            this.everywhere = everywhere;
            for (int ifindex = 0; ifindex <= PORTS; ifindex++) {
                redirected.add(new ArrayList<>());
            }
        }

        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                long data = Memory.getLong(descriptor + Burst.DATA) - ADDED;
                byte content = Memory.getByte(data + ADDED);
                Memory.fill(data, ADDED, content);
                Memory.putLong(descriptor + Burst.DATA, data);
                Memory.putInt(descriptor + Burst.LENGTH, LENGTH + ADDED);
                Memory.putInt(descriptor + Burst.LOWEST, Burst.HEADROOM - ADDED);
                int target = 1 + turns[burst.ingressIfindex()]++ % PORTS;
                Memory.putInt(descriptor + Burst.VERDICT, Verdict.REDIRECT.ordinal());
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, everywhere ? Burst.REDIRECT_TO_GROUP : Burst.REDIRECT_TO_INTERFACE);
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, target);
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
                redirected.get(target).add(new Redirected(content, isInMemory(data) ? data - umem.address() : -1));
            }
        }

        @Override
        public long[] redirectGroup(int handle) {
            return new long[] {1, 2, CAPTURE, TAP};
        }
    }

    private void run(BurstProcessor processor, int packets) throws IOException {
        PollLoop loop = new PollLoop(ports, processor, PassTarget.drop(), PollLoop.Settings.DEFAULT.withCount(packets));
        loop.run();
        Statistics.Snapshot counts = loop.statistics().snapshot();
        assertEquals(packets, counts.packets(Counter.REDIRECT));
        assertEquals(0, counts.packets(Counter.NOT_SENT));
    }

    private void assertWatched(int ifindex, int handedOver, int copied) {
        WatchedPort port = ports.get(ifindex - 1);
        assertEquals(handedOver, port.handedOver(), "frames for interface " + ifindex);
        assertEquals(copied, port.copied(), "copies for interface " + ifindex);
        assertEquals((long) copied * (LENGTH + ADDED), port.copiedBytes(), "copied bytes for interface " + ifindex);
    }

    private void assertAllHome() throws IOException {
        try (Burst none = new Burst(1)) {
            for (int i = 0; i < sockets.size(); i++) {
                kernels.get(i).send(RING);
                sockets.get(i).receive(none, 1);
            }
        }
        assertEquals(FRAMES, umem.available() + sockets.stream().mapToInt(XskPort::held).sum(), "frames of the memory");
    }

    /** From each port to each. */
    @Test
    void bytesAreCopiedOnlyToAnotherMemoryAndOnce() throws IOException {
        comeAtSocket(0);
        comeAtSocket(1);
        comeAtTap();
        Redirector redirector = new Redirector(false);
        run(redirector, PORTS * PACKETS);
        for (int ifindex = 1; ifindex < CAPTURE; ifindex++) {
            assertWatched(ifindex, PACKETS / 2, PACKETS / 2);
            assertLeave(kernels.get(ifindex - 1).socket().tx(), redirector.redirected.get(ifindex));
        }
        // To the port itself it is its own memory.
        assertWatched(CAPTURE, PACKETS / PORTS, PACKETS - PACKETS / PORTS);
        assertWatched(TAP, PACKETS / PORTS, PACKETS - PACKETS / PORTS);
        assertEquals(PACKETS, captured.packets().size());
        assertAllHome();
    }

    /** What came in frames of the memory leaves from where the program left it, what did not from frames of their own. */
    private void assertLeave(Ring tx, List<Redirected> packets) {
        assertEquals(PACKETS, packets.size());
        Set<Long> frames = new HashSet<>();
        for (int i = 0; i < PACKETS; i++) {
            Redirected packet = packets.get(i);
            long entry = tx.entry(i - PACKETS);
            long place = Memory.getLong(entry);
            boolean isForeign = packet.place == -1;
            assertEquals(isForeign ? (place & -Umem.CHUNK) + Burst.HEADROOM : packet.place, place, "where packet " + packet.content + " leaves from");
            assertTrue(frames.add(place / Umem.CHUNK), "a frame leaves twice");
            assertEquals(LENGTH + ADDED, Memory.getInt(entry + Ring.LENGTH));
            for (byte each : Memory.bytes(umem.address() + place, LENGTH + ADDED)) {
                assertEquals(packet.content, each);
            }
        }
    }

    /** Also for the port that the packet came from, whose frame goes home. */
    @Test
    void aBroadcastCopiesOncePerPort() throws IOException {
        comeAtSocket(0);
        run(new Redirector(true), 2 * PACKETS);
        for (int ifindex = 1; ifindex <= PORTS; ifindex++) {
            assertWatched(ifindex, 0, 2 * PACKETS);
        }
        assertAllHome();
    }
}
