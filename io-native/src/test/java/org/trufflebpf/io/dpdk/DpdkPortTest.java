package org.trufflebpf.io.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureBytes;

@Timeout(60)
final class DpdkPortTest {
    private static final int FRAMES = 8191;

    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void requireDpdk() {
        try {
            Eal.get();
        } catch (DpdkException e) {
            abort("no DPDK: " + e.getMessage());
        }
    }

    private Device device(FrameStore frames, String arguments, int workers) throws DpdkException {
        return new Device(frames, arguments, workers, messages::add);
    }

    /** A packet of a burst, in memory of no port. */
    private static void describe(Burst burst, NativeBlock frame, byte[] packet) {
        Memory.copyFrom(packet, 0, frame.address() + Burst.HEADROOM, packet.length);
        burst.setPacket(0, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, packet.length, 0);
    }

    private static byte[] packet(int length) {
        return CaptureBytes.packet(length, length);
    }

    private static byte[] bytes(long descriptor) {
        byte[] bytes = new byte[Memory.getInt(descriptor + Burst.LENGTH)];
        Memory.copyTo(Memory.getLong(descriptor + Burst.DATA), bytes, 0, bytes.length);
        return bytes;
    }

    /** A ring device gives what it was sent. */
    @Test
    void framesTravelThroughADevice() throws IOException {
        try (FrameStore frames = new FrameStore(FRAMES)) {
            try (DpdkPort port = new DpdkPort(3, device(frames, "net_ring0", 1), 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
                port.start();
                assertEquals(0, port.receive(burst, 64));
                describe(burst, memory, packet(100));
                assertTrue(port.copy(burst.descriptor(0)));
                port.flush();
                assertEquals(1, port.receive(burst, 64));
                long descriptor = burst.descriptor(0);
                assertArrayEquals(packet(100), bytes(descriptor));
                long age = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(Memory.getLong(descriptor + Burst.TIMESTAMP));
                assertTrue(age >= -1000 && age < 10_000, "received " + age + " ms ago");
                long frame = Memory.getLong(descriptor + Burst.FRAME);
                assertEquals(frame + Burst.HEADROOM, Memory.getLong(descriptor + Burst.DATA));

                // All of the headroom can be used, although the driver knows half of it; the very frame leaves and comes back.
                long lowest = frame + Burst.FRAME_HEADER;
                Memory.putLong(descriptor + Burst.DATA, lowest);
                byte[] longer = packet(100 + Burst.HEADROOM - Burst.FRAME_HEADER);
                Memory.copyFrom(longer, 0, lowest, longer.length);
                Memory.putInt(descriptor + Burst.LENGTH, longer.length);
                assertTrue(port.transmit(descriptor));
                port.flush();
                assertEquals(1, port.receive(burst, 64));
                assertArrayEquals(longer, bytes(burst.descriptor(0)));
                assertEquals(frame, Memory.getLong(burst.descriptor(0) + Burst.FRAME));

                // A start that was moved up stays where it is.
                Memory.putLong(descriptor + Burst.DATA, frame + 1000);
                Memory.copyFrom(packet(60), 0, frame + 1000, 60);
                Memory.putInt(descriptor + Burst.LENGTH, 60);
                assertTrue(port.transmit(descriptor));
                port.flush();
                assertEquals(1, port.receive(burst, 64));
                assertArrayEquals(packet(60), bytes(burst.descriptor(0)));
                assertEquals(frame + 1000, Memory.getLong(burst.descriptor(0) + Burst.DATA));
                port.release(burst.descriptor(0));
                port.finish();
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    /** A packet that no mbuf holds leaves as a chain of them, and one that comes as a chain is gathered. */
    @Test
    void packetsOfSeveralBuffersTravelAsChains() throws IOException {
        try (FrameStore frames = new FrameStore(FRAMES)) {
            Device device = new Device(frames, "net_ring7", 1, 9000, true, line -> { });
            try (DpdkPort port = new DpdkPort(1, device, 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.JUMBO_FRAME_SIZE)) {
                port.start();
                for (int length : new int[] {60, Burst.LONGEST_PACKET, Burst.LONGEST_PACKET + 1, 3840, 3841, 9014, Burst.LONGEST_JUMBO}) {
                    byte[] packet = packet(length);
                    Memory.copyFrom(packet, 0, memory.address() + Burst.HEADROOM, length);
                    burst.setPacket(0, memory.address(), length, 0);
                    assertTrue(port.copy(burst.descriptor(0)));
                    for (int round = 0; round < 100; round++) {
                        port.flush();
                        assertEquals(1, port.receive(burst, 64), length + " bytes");
                        assertArrayEquals(packet, bytes(burst.descriptor(0)));
                        assertEquals(Burst.frameSize(length), Memory.getInt(burst.descriptor(0) + Burst.FRAME_SIZE));
                        assertTrue(port.transmit(burst.descriptor(0)));
                    }
                    port.flush();
                    assertEquals(1, port.receive(burst, 64));
                    port.release(burst.descriptor(0));
                }
                assertEquals(0, port.missed());
                port.finish();
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    @Test
    void chainsAreMissedByProgramsWithoutFragments() throws IOException {
        try (FrameStore frames = new FrameStore(FRAMES)) {
            Device several = new Device(frames, "net_ring8", 1, 0, true, line -> { });
            Device one = new Device(frames, "net_ring9", 1, 0, false, line -> { });
            try (DpdkPort first = new DpdkPort(1, several, 0, 64); DpdkPort second = new DpdkPort(2, one, 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.JUMBO_FRAME_SIZE)) {
                first.start();
                second.start();
                burst.setPacket(0, memory.address(), 9000, 0);
                assertFalse(second.copy(burst.descriptor(0)));
                assertEquals(1, second.details().get("not sent as too long"));
                burst.setPacket(0, memory.address(), Burst.LONGEST_PACKET + 1, 0);
                assertTrue(second.copy(burst.descriptor(0)));
                second.flush();
                assertEquals(0, second.receive(burst, 64));
                assertEquals(1, second.missed());
                assertEquals(1, second.details().get("missed as too long without xdp.frags"));
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    /** What a full device does not take is lost and counted, and its frames come home. */
    @Test
    void aFullDeviceLosesNoFrame() throws IOException {
        try (FrameStore frames = new FrameStore(FRAMES)) {
            try (DpdkPort port = new DpdkPort(1, device(frames, "net_ring1", 1), 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
                port.start();
                describe(burst, memory, packet(64));
                for (int i = 0; i < 5000; i++) {
                    assertTrue(port.copy(burst.descriptor(0)));
                }
                port.flush();
                long lost = port.refused();
                assertTrue(lost > 0, "lost " + lost);
                assertEquals(64 * lost, port.refusedBytes());
                assertEquals(lost, port.details().get("not sent as the device's ring was full"));
                int received = 0;
                for (int count = port.receive(burst, 64); count > 0; count = port.receive(burst, 64)) {
                    received += count;
                    for (int i = 0; i < count; i++) {
                        port.release(burst.descriptor(i));
                    }
                    port.flush();
                }
                assertEquals(5000, received + lost);
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    /** Gives each packet the next verdict, and each that is redirected the next target. */
    private static final class EveryVerdict implements BurstProcessor {
        private static final int TARGETS = 6;

        private int number;
        private int redirects;

        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                Verdict verdict = Verdict.values()[number++ % Verdict.values().length];
                Memory.putInt(descriptor + Burst.VERDICT, verdict.ordinal());
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
                if (verdict == Verdict.REDIRECT) {
                    int turn = redirects++ % TARGETS;
                    Memory.putInt(descriptor + Burst.REDIRECT_KIND, switch (turn) {
                        case 0, 1, 2 -> Burst.REDIRECT_TO_INTERFACE;
                        case 3 -> Burst.REDIRECT_TO_GROUP;
                        case 4 -> Burst.REDIRECT_TO_CPU;
                        default -> Burst.REDIRECT_TO_NOWHERE;
                    });
                    Memory.putInt(descriptor + Burst.REDIRECT_TARGET, turn < 3 ? turn + 1 : 0);
                }
            }
        }

        @Override
        public long[] redirectGroup(int handle) {
            return new long[] {1, 2, 3};
        }
    }

    /** Three million packets, with every verdict, over three devices, of which two share their frames and one has its own. */
    @Test
    void allFramesComeHome() throws IOException {
        AtomicLong passed = new AtomicLong();
        PassTarget target = _ -> passed.incrementAndGet() > 0;
        try (FrameStore frames = new FrameStore(FRAMES); FrameStore others = new FrameStore(FRAMES)) {
            try (DpdkPort first = new DpdkPort(1, device(frames, "net_null0,size=60", 1), 0, 64);
                    DpdkPort second = new DpdkPort(2, device(frames, "net_null1,size=1000", 1), 0, 64);
                    DpdkPort third = new DpdkPort(3, device(others, "net_null2,size=1514", 1), 0, 64)) {
                PollLoop loop = new PollLoop(List.of(first, second, third), new EveryVerdict(), target,
                        PollLoop.Settings.DEFAULT.withCount(3_000_000));
                loop.run();
                var statistics = loop.statistics().snapshot();
                assertEquals(3_000_000, statistics.packets(Counter.RECEIVED));
                for (Verdict verdict : Verdict.values()) {
                    assertEquals(600_000, statistics.packets(Counter.of(verdict)), verdict.toString());
                }
                // Of six targets one is nowhere, one a CPU, and one three ports at a time.
                assertEquals(100_000, statistics.packets(Counter.REDIRECTED_NOWHERE));
                assertEquals(100_000, statistics.packets(Counter.CPU_PASS));
                assertEquals(600_000 + 300_000 + 300_000, statistics.packets(Counter.SENT));
                assertEquals(0, statistics.packets(Counter.NOT_SENT));
                assertEquals(600_000 + 100_000, passed.get());
            }
            assertEquals(FRAMES, frames.available());
            assertEquals(FRAMES, others.available());
        }
    }

    /** Two devices send into one ring, which is read half as fast. */
    @Test
    void whatAFullDeviceDoesNotTakeIsNotSent() throws IOException {
        BurstProcessor processor = burst -> {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                Memory.putInt(descriptor + Burst.VERDICT, (burst.ingressIfindex() == 3 ? Verdict.DROP : Verdict.REDIRECT).ordinal());
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, 3);
            }
        };
        try (FrameStore frames = new FrameStore(FRAMES)) {
            try (DpdkPort first = new DpdkPort(1, device(frames, "net_null0,size=60", 1), 0, 64);
                    DpdkPort second = new DpdkPort(2, device(frames, "net_null1,size=60", 1), 0, 64);
                    DpdkPort ring = new DpdkPort(3, device(frames, "net_ring0", 1), 0, 64); Burst burst = new Burst(64)) {
                PollLoop loop = new PollLoop(List.of(first, second, ring), processor, PassTarget.drop(),
                        PollLoop.Settings.DEFAULT.withCount(100_000));
                loop.run();
                var statistics = loop.statistics().snapshot();
                long sent = statistics.packets(2, Counter.SENT);
                long lost = statistics.packets(2, Counter.NOT_SENT);
                assertEquals(statistics.packets(Counter.REDIRECT), sent + lost);
                assertTrue(lost > 10_000, "lost " + lost);
                assertEquals(60 * sent, statistics.bytes(2, Counter.SENT));
                assertEquals(60 * lost, statistics.bytes(2, Counter.NOT_SENT));
                long received = statistics.packets(2, Counter.RECEIVED);
                for (int count = ring.receive(burst, 64); count > 0; count = ring.receive(burst, 64)) {
                    received += count;
                    for (int i = 0; i < count; i++) {
                        ring.release(burst.descriptor(i));
                    }
                }
                assertEquals(sent, received);
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    /** A TAP device could check and make checksums, and tell whether its link is up. */
    @Test
    void aDeviceChangesNothingAndTellsItsState() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")) && Eal.mayUseInterfaces(), "there is no /dev/net/tun, or no permission for it");
        try (FrameStore frames = new FrameStore(FRAMES); NativeBlock configuration = new NativeBlock(Abi.ETH_CONF)) {
            Library library = Eal.get().library();
            try (DpdkPort port = new DpdkPort(1, device(frames, "net_tap0,iface=ebpf-test-tap", 1), 0, 64); Burst burst = new Burst(64);
                    NativeBlock number = new NativeBlock(Long.BYTES)) {
                port.start();
                assertEquals(0, library.call("rte_eth_dev_get_port_by_name", "net_tap0", number.address()));
                assertEquals(0, library.call("rte_eth_dev_conf_get", Memory.getShort(number.address()) & 0xffff, configuration.address()));
                assertEquals(0, Memory.getLong(configuration.address() + Abi.ETH_CONF_RX_OFFLOADS));
                assertEquals(0, Memory.getLong(configuration.address() + Abi.ETH_CONF_TX_OFFLOADS));
                assertEquals(1, port.details().get("promiscuous"));
                assertEquals(1, port.details().get("link up"));
                shell("ip link set ebpf-test-tap down");
                await("dpdk:net_tap0: the link is down", port, burst);
                assertEquals(0, port.details().get("link up"));
                shell("ip link set ebpf-test-tap up");
                await("dpdk:net_tap0: the link is up", port, burst);
                assertTrue(messages.getFirst().matches("dpdk:net_tap0, queue 0: receives into (huge|small) pages"), messages.getFirst());
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    private void await(String message, DpdkPort port, Burst burst) throws InterruptedException {
        for (int i = 0; i < 1000 && !messages.contains(message); i++) {
            int count = port.receive(burst, 64);
            for (int packet = 0; packet < count; packet++) {
                port.release(burst.descriptor(packet));
            }
            Thread.sleep(2);
        }
        assertTrue(messages.contains(message), messages.toString());
    }

    private static void shell(String command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor());
    }

    @Test
    void devicesThatAreNotThereAreNamed(@TempDir Path folder) throws IOException {
        try (FrameStore frames = new FrameStore(1023)) {
            assertMessage(frames, "net_nosuch0", "DPDK cannot add device 'net_nosuch0': failed to parse device \"vdev:net_nosuch0\"");
            assertMessage(frames, "0000:ff:1f.7", "DPDK cannot add device '0000:ff:1f.7': Cannot find device (0000:ff:1f.7)");
            Path missing = folder.resolve("missing.pcap");
            assertMessage(frames, "net_pcap0,rx_pcap=" + missing, "DPDK cannot add device 'net_pcap0' with 'rx_pcap=" + missing + "': Couldn't open "
                    + missing + ": " + missing +
                    ": No such file or directory");
        }
    }

    @Test
    void aDeviceWithoutAQueueForEachWorkerIsRefused(@TempDir Path folder) throws IOException {
        Path capture = folder.resolve("capture.pcap");
        Files.write(capture, CaptureBytes.pcap());
        try (FrameStore frames = new FrameStore(4095)) {
            String arguments = "net_pcap0,rx_pcap=" + capture + ",tx_pcap=" + folder.resolve("sent.pcap");
            DpdkException few = assertThrows(DpdkException.class, () -> device(frames, arguments, 2));
            assertEquals("device 'net_pcap0' has 1 queues to send on, and each worker needs one: use --workers 1", few.getMessage());
            // What was refused is gone: the name can be used again.
            device(frames, arguments, 1).close();
        }
    }

    private void assertMessage(FrameStore frames, String arguments, String message) {
        assertEquals(message, assertThrows(DpdkException.class, () -> device(frames, arguments, 1)).getMessage());
    }

    @Test
    void tooFewPagesAreSaid() {
        DpdkException few = assertThrows(DpdkException.class, () -> new FrameStore(50_000_000));
        assertTrue(few.getMessage().startsWith("DPDK has no memory for 50000000 frames of 4224 bytes: "), few.getMessage());
        assertFalse(few.getMessage().contains("\n"));
    }

    @Test
    void theMachineIsAskedWhatItHas() {
        assertEquals(400, Eal.freeHugeMebibytes("HugePages_Total:     210\nHugePages_Free:      200\nHugepagesize:       2048 kB\n"));
        assertEquals(0, Eal.freeHugeMebibytes("MemTotal: 1 kB\n"));
        assertTrue(Eal.mayUseInterfaces("CapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n"));
        assertFalse(Eal.mayUseInterfaces("CapEff:\t000001ffffffefff\n"));
        assertEquals("0-1,4", Eal.allowedProcessors("Cpus_allowed:\t13\nCpus_allowed_list:\t0-1,4\n"));
    }
}
