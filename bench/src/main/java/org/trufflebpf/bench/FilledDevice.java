package org.trufflebpf.bench;

import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.dpdk.Device;
import org.trufflebpf.io.dpdk.DpdkException;
import org.trufflebpf.io.dpdk.DpdkPort;
import org.trufflebpf.io.dpdk.FrameStore;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** A device of DPDK, open and started, whose frames all hold the same packet. */
final class FilledDevice implements AutoCloseable {
    /** Packets on their way around a ring. */
    static final int BURST = 64;

    private static final int IFINDEX = 1;

    private final FrameStore frames;
    private final DpdkPort port;

    /** @throws MissingException if there is no DPDK */
    FilledDevice(DpdkDevice device, byte[] packet) throws MissingException {
        String arguments = device.arguments(packet.length);
        try {
            frames = FrameStore.of(List.of(arguments), 1);
        } catch (DpdkException e) {
            throw new MissingException(e.getMessage());
        }
        try {
            port = new DpdkPort(IFINDEX, new Device(frames, arguments, 1, line -> { }), 0, BURST);
        } catch (DpdkException e) {
            frames.close();
            throw new MissingException(e.getMessage());
        }
        try {
            port.start();
            fill(device == DpdkDevice.NULL ? 4 * frames.frames() : BURST, packet);
        } catch (DpdkException e) {
            close();
            throw new MissingException(e.getMessage());
        }
    }

    /** The pool gives frames in turn, so after four rounds each has been written. */
    private void fill(int packets, byte[] packet) {
        try (Burst burst = new Burst(1); NativeBlock frame = new NativeBlock(Burst.DEFAULT_FRAME_SIZE)) {
            Memory.copyFrom(packet, 0, frame.address() + Burst.HEADROOM, packet.length);
            burst.setPacket(0, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, packet.length, 0);
            for (int i = 0; i < packets; i++) {
                port.copy(burst.descriptor(0));
            }
            port.flush();
        }
    }

    /** Whether frames lie in huge pages, as what it is compared with must have it, too. */
    boolean hugePages() {
        return frames.hugePages();
    }

    /** The port, whose owner this is. */
    DpdkPort port() {
        return port;
    }

    @Override
    public void close() {
        try (frames) {
            port.close();
        } catch (DpdkException e) {
            throw new IllegalStateException(e);
        }
    }
}
