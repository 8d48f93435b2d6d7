package org.trufflebpf.io.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @BeforeEach
    void requireDpdk() {
        try {
            Eal.get();
        } catch (DpdkException e) {
            abort("no DPDK: " + e.getMessage());
        }
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
            try (DpdkPort port = new DpdkPort(3, new Device(frames, "net_ring0", 1), 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
                port.start();
                assertEquals(0, port.receive(burst, 64));
                describe(burst, memory, packet(100));
                assertTrue(port.copy(burst.descriptor(0)));
                port.flush();
                assertEquals(1, port.receive(burst, 64));
                long descriptor = burst.descriptor(0);
                assertArrayEquals(packet(100), bytes(descriptor));
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

    /** What a full device does not take is lost and counted, and its frames come home. */
    @Test
    void aFullDeviceLosesNoFrame() throws IOException {
        try (FrameStore frames = new FrameStore(FRAMES)) {
            try (DpdkPort port = new DpdkPort(1, new Device(frames, "net_ring1", 1), 0, 64); Burst burst = new Burst(64);
                    NativeBlock memory = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
                port.start();
                describe(burst, memory, packet(64));
                for (int i = 0; i < 5000; i++) {
                    assertTrue(port.copy(burst.descriptor(0)));
                }
                port.flush();
                long lost = port.details().get("not taken by the device");
                assertTrue(lost > 0, "lost " + lost);
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

    /** Two million packets, with every verdict, over two devices. */
    @Test
    void allFramesComeHome() throws IOException {
        BurstProcessor everything = new BurstProcessor() {
            private int number;

            @Override
            public void process(Burst burst) {
                for (int i = 0; i < burst.count(); i++) {
                    long descriptor = burst.descriptor(i);
                    Verdict verdict = Verdict.values()[number++ % Verdict.values().length];
                    Memory.putInt(descriptor + Burst.VERDICT, verdict.ordinal());
                    Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
                    Memory.putInt(descriptor + Burst.REDIRECT_KIND,
                            number % 2 == 0 ? Burst.REDIRECT_TO_INTERFACE : number % 3 == 0 ? Burst.REDIRECT_TO_GROUP : Burst.REDIRECT_TO_NOWHERE);
                    Memory.putInt(descriptor + Burst.REDIRECT_TARGET, 2);
                }
            }

            @Override
            public long[] redirectGroup(int handle) {
                return new long[] {1, 2};
            }
        };
        try (FrameStore frames = new FrameStore(FRAMES)) {
            try (DpdkPort first = new DpdkPort(1, new Device(frames, "net_null0,size=60", 1), 0, 64);
                    DpdkPort second = new DpdkPort(2, new Device(frames, "net_null1,size=1000", 1), 0, 64)) {
                PollLoop loop = new PollLoop(List.of(first, second), everything, PassTarget.drop(), PollLoop.Settings.DEFAULT.withCount(2_000_000));
                loop.run();
                var statistics = loop.statistics().snapshot();
                assertEquals(2_000_000, statistics.packets(Counter.RECEIVED));
                for (Verdict verdict : Verdict.values()) {
                    assertEquals(400_000, statistics.packets(Counter.of(verdict)), 64, verdict.toString());
                }
            }
            assertEquals(FRAMES, frames.available());
        }
    }

    @Test
    void devicesThatAreNotThereAreNamed(@TempDir Path folder) throws IOException {
        try (FrameStore frames = new FrameStore(1023)) {
            assertMessage(frames, "net_nosuch0", "DPDK has no device 'net_nosuch0': failed to parse device \"vdev:net_nosuch0\"");
            assertMessage(frames, "0000:ff:1f.7", "DPDK has no device '0000:ff:1f.7': Cannot find device (0000:ff:1f.7)");
            Path missing = folder.resolve("missing.pcap");
            assertMessage(frames, "net_pcap0,rx_pcap=" + missing, "DPDK has no device 'net_pcap0': Couldn't open " + missing + ": " + missing +
                    ": No such file or directory");
        }
    }

    @Test
    void aDeviceWithoutAQueueForEachWorkerIsRefused(@TempDir Path folder) throws IOException {
        Path capture = folder.resolve("capture.pcap");
        Files.write(capture, CaptureBytes.pcap());
        try (FrameStore frames = new FrameStore(4095)) {
            String arguments = "net_pcap0,rx_pcap=" + capture + ",tx_pcap=" + folder.resolve("sent.pcap");
            DpdkException few = assertThrows(DpdkException.class, () -> new Device(frames, arguments, 2));
            assertEquals("device 'net_pcap0' has 1 queues to send on, and each worker needs one: use --workers 1", few.getMessage());
            // What was refused is gone: the name can be used again.
            new Device(frames, arguments, 1).close();
        }
    }

    private static void assertMessage(FrameStore frames, String arguments, String message) {
        assertEquals(message, assertThrows(DpdkException.class, () -> new Device(frames, arguments, 1)).getMessage());
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
        assertEquals("0-1,4", Eal.allowedProcessors("Cpus_allowed:\t13\nCpus_allowed_list:\t0-1,4\n"));
    }
}
