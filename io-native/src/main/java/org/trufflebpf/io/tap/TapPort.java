package org.trufflebpf.io.tap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.FramePool;
import org.trufflebpf.io.port.Port;

/**
 * One queue of a TAP interface: it receives what the kernel's network stack sends there, and what is sent to it the stack receives. A read or write
 * is a system call for each packet, as the driver knows no batches, so packets leave at once. Those that are longer than a program gets count as
 * missed.
 */
public final class TapPort implements Port {
    /** Between two looks at the state of the interface. */
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int AF_UNIX = 1;
    /** Keeps packets apart, as the driver does. */
    private static final int SOCK_SEQPACKET_NONBLOCK_CLOEXEC = 5 | 0x800 | 0x80000;
    /** Packets that can be lent: two bursts. */
    private static final int FRAMES = 128;

    private final TapSettings settings;
    private final int queue;
    private final int descriptor;
    private final Consumer<String> messages;
    private final FramePool pool;
    /** System.nanoTime plus this is the time since 1970. */
    private final long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
    private long nextTick = System.nanoTime() + TICK;
    private boolean linkUp = true;
    private boolean ended;
    private volatile long tooLong;
    private volatile long whileDown;
    private volatile long withoutRoom;
    private boolean closed;

    private TapPort(TapSettings settings, int queue, int descriptor, boolean fragments, Consumer<String> messages) {
        this.settings = settings;
        this.queue = queue;
        this.pool = new FramePool(FRAMES, fragments);
        this.descriptor = descriptor;
        this.messages = messages;
    }

    /**
     * Opens an interface, which is made if it is not there, and removed with the last of its queues unless it is persistent.
     *
     * @param queues that it has, at least 1; for each a port, which one thread at a time uses
     * @param fragments whether the program gets packets of several buffers
     * @param messages gets a line when something happens to the interface, from the first port's thread
     * @throws IOException if that is not possible: nothing is left then; one line
     */
    public static List<TapPort> open(TapSettings settings, int queues, boolean fragments, Consumer<String> messages) throws IOException {
        List<TapPort> ports = new ArrayList<>();
        for (int descriptor : TapDevice.open(settings, queues)) {
            ports.add(new TapPort(settings, ports.size(), descriptor, fragments, messages));
        }
        return ports;
    }

    /**
     * Two ports without an interface: what is sent to one the other receives. For rehearsals, as a system call moves each packet here, too.
     *
     * @param settings of both; the device is only looked at
     * @throws IOException if there are no descriptors left; one line
     */
    public static List<TapPort> pair(TapSettings settings, boolean fragments) throws IOException {
        try (NativeBlock descriptors = new NativeBlock(2 * Integer.BYTES)) {
            int error = -Libc.socketpair(AF_UNIX, SOCK_SEQPACKET_NONBLOCK_CLOEXEC, 0, descriptors.address());
            if (error > 0) {
                throw new IOException(settings.name() + ": a pair of sockets cannot be made: error " + error);
            }
            return List.of(new TapPort(settings, 0, Memory.getInt(descriptors.address()), fragments, line -> { }),
                    new TapPort(settings, 1, Memory.getInt(descriptors.address() + Integer.BYTES), fragments, line -> { }));
        }
    }

    @Override
    public int ifindex() {
        return settings.ifindex();
    }

    @Override
    public int rxQueue() {
        return queue;
    }

    @Override
    public int pollDescriptor() {
        return descriptor;
    }

    @Override
    public void start() {
        messages.accept(settings.name() + ", queue " + queue + ": receives");
    }

    @Override
    public int receive(Burst burst, int limit) throws IOException {
        if (ended) {
            return END;
        }
        long now = System.nanoTime();
        if (now - nextTick > 0) {
            nextTick = now + TICK;
            lookAtLink();
        }
        int most = Math.min(limit, pool.available());
        int count = 0;
        while (count < most) {
            long frame = pool.take();
            long length = Libc.read(descriptor, frame + Burst.HEADROOM, pool.longest() + 1);
            if (length > 0 && length <= pool.longest()) {
                burst.setPacket(count++, frame, (int) length, epoch + now);
                continue;
            }
            pool.untake();
            if (length > pool.longest()) {
                tooLong++;
            } else if (length == -Libc.EAGAIN || length == -Libc.EINTR) {
                break;
            } else {
                return broken(count, length);
            }
        }
        return count;
    }

    /** What came before is received first; the next call finds the same. */
    private int broken(int count, long error) throws IOException {
        if (count > 0) {
            return count;
        }
        ended = true;
        throw new IOException(settings.name() + ": " + (error == -Libc.EBADFD ? "the interface is gone" : "it cannot be read: error " + -error));
    }

    private void lookAtLink() {
        Device found = queue == 0 ? Device.find(settings.device()) : null;
        if (found != null && found.isUp() != linkUp) {
            linkUp = found.isUp();
            messages.accept(settings.name() + ": the link is " + (linkUp ? "up" : "down"));
        }
    }

    @Override
    public boolean copy(long packet) {
        long result = Libc.write(descriptor, Memory.getLong(packet + Burst.DATA), Memory.getInt(packet + Burst.LENGTH));
        if (result == -Libc.EIO) {
            whileDown++;
        } else if (result < 0) {
            withoutRoom++;
        }
        return result >= 0;
    }

    @Override
    public void release(long packet) {
        pool.giveBack(packet);
    }

    @Override
    public long missed() {
        return tooLong;
    }

    @Override
    public Map<String, Long> details() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put(Port.tooLong(pool.handlesFragments()), tooLong);
        details.put("not sent as link was down", whileDown);
        details.put("not sent for other reasons", withoutRoom);
        return details;
    }

    /** Frames that are not lent. */
    int freeFrames() {
        return pool.available();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(descriptor);
            pool.close();
        }
    }
}
