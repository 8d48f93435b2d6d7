package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.FramePool;
import org.trufflebpf.io.port.PartialChecksum;
import org.trufflebpf.io.port.Port;

/**
 * One queue of an interface by AF_XDP. Its frames are those of its {@link Umem}: in the kernel's hands in the fill and tx rings, in ours in the rx and
 * completion rings, lent, or on the memory's stack. Packets that leave the end of a frame no room for what programs may not have, and those of several
 * frames, are gathered for programs that know packets of several buffers; for others they are dropped and counted as missed, as longer ones are by the
 * kernel.
 */
public final class XskPort implements Port {
    /** Frames that are given to the kernel together while packets come, so that its cache line is not fetched for each. */
    private static final int BATCH = 32;
    /** Between two looks at what the kernel has counted and whether the interface is still there: some 2 microseconds each. */
    static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);
    /** Nanoseconds that the last packets usually may take to leave. */
    static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long DRAIN_PAUSE = TimeUnit.MICROSECONDS.toNanos(100);

    private final String name;
    private final String device;
    private final int ifindex;
    private final int queue;
    private final Umem umem;
    private final long area;
    private final XskSocket socket;
    private final Ring fill;
    private final Ring rx;
    private final Ring tx;
    private final TxQueue out;
    private final boolean finishesChecksums;
    private final long patience;
    private final long interval;
    private final Starter starter;
    private final Consumer<String> messages;
    private final NativeBlock statistics = new NativeBlock(XskSocket.STATISTICS);
    /** System.nanoTime plus this is the time since 1970. */
    private final long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
    private long nextTick = System.nanoTime();
    private boolean linkUp = true;
    private IOException failure;
    private boolean ended;
    /** Only so that the compiler does not leave {@link #touch}'s loads out. */
    private int touched;
    private volatile long tooLong;
    private volatile boolean closed;

    /** What makes packets come. */
    interface Starter {
        void start() throws IOException;
    }

    /**
     * @param socket owned by the port from now on
     * @param patience nanoseconds that the last packets may take to leave
     * @param interval nanoseconds between two looks at the interface
     * @param messages gets a line when something happens to the interface
     */
    XskPort(XskSettings settings, int queue, Umem umem, XskSocket socket, long patience, long interval, Starter starter, Consumer<String> messages) {
        this.patience = patience;
        this.interval = interval;
        this.name = settings.name();
        this.device = settings.device();
        this.ifindex = settings.ifindex();
        this.finishesChecksums = !settings.keepsChecksums();
        this.queue = queue;
        this.umem = umem;
        this.area = umem.address();
        this.socket = socket;
        this.fill = socket.fill();
        this.rx = socket.rx();
        this.tx = socket.tx();
        this.out = new TxQueue(umem, socket);
        this.starter = starter;
        this.messages = messages;
    }

    @Override
    public int ifindex() {
        return ifindex;
    }

    @Override
    public int rxQueue() {
        return queue;
    }

    @Override
    public Object memory() {
        return umem;
    }

    @Override
    public int pollDescriptor() {
        return socket.descriptor();
    }

    @Override
    public boolean isAtRest() {
        return out.sending() == 0;
    }

    @Override
    public void start() throws IOException {
        starter.start();
    }

    @Override
    public int receive(Burst burst, int limit) throws IOException {
        if (out.sending() > 0) {
            out.reap();
        }
        int count = rx.filled(limit);
        if (count == 0) {
            return idle();
        }
        long now = System.nanoTime();
        if (now - nextTick > 0) {
            tick(now);
        }
        touch(count);
        int taken = describe(burst, 0, 0, count, epoch + now);
        int done = taken;
        while (done < count) {
            int entries = gather(burst, taken, done, epoch + now);
            if (entries == 0) {
                break;
            }
            taken += entries > 0 ? 1 : 0;
            done += Math.abs(entries);
            int more = describe(burst, taken, done, count, epoch + now);
            taken += more;
            done += more;
        }
        rx.advance(done);
        rx.giveBack();
        refill(BATCH);
        return taken;
    }

    /**
     * Has the processor fetch the packets' first lines at the same time: another one wrote them. One after the other, as checksums and programs come to
     * them, took 40 ns per packet more.
     */
    private void touch(int count) {
        int all = 0;
        for (int i = 0; i < count; i++) {
            all ^= Memory.getInt(area + Memory.getLong(rx.entry(i)));
        }
        touched = all;
    }

    /**
     * Receives packets that lie in their frames as programs want them. Without calls in its loops: the compiler then keeps all that is the same for each.
     *
     * @param index the first one's number in the burst
     * @param first the first one's entry of the rx ring
     * @param end the entry after the last one
     * @return how many there are before one is to be gathered
     */
    private int describe(Burst burst, int index, int first, int end, long time) {
        int entry = first;
        while (entry < end) {
            long place = rx.entry(entry);
            long address = Memory.getLong(place);
            int length = Memory.getInt(place + Ring.LENGTH);
            int offset = (int) address & Umem.CHUNK - 1;
            if (offset + length > Umem.CHUNK - Burst.TAIL_RESERVE || Memory.getInt(place + Ring.OPTIONS) != 0) {
                break;
            }
            burst.setPacket(index + entry - first, area + address - offset, Umem.CHUNK, offset, length, time);
            entry++;
        }
        if (finishesChecksums) {
            for (int i = first; i < entry; i++) {
                PartialChecksum.finish(area + Memory.getLong(rx.entry(i)), Memory.getInt(rx.entry(i) + Ring.LENGTH));
            }
        }
        return entry - first;
    }

    /**
     * Receives a packet that no frame of the memory holds as programs want it, from the entry {@code first} of the rx ring on.
     *
     * @return how many entries are its own, negative if it was missed, 0 if it must wait
     */
    private int gather(Burst burst, int index, int first, long time) {
        int most = rx.filled(rx.size());
        int end = first;
        int length = 0;
        boolean goesOn = true;
        while (goesOn) {
            if (end == most) {
                return 0;
            }
            long entry = rx.entry(end++);
            length += Memory.getInt(entry + Ring.LENGTH);
            goesOn = (Memory.getInt(entry + Ring.OPTIONS) & Ring.CONTINUED) != 0;
        }
        FramePool frames = umem.gathered();
        boolean fits = frames != null && length <= frames.longest();
        if (fits && frames.available() == 0) {
            return 0;
        }
        long frame = fits ? frames.take() : 0;
        long place = frame + Burst.HEADROOM;
        for (int i = first; i < end; i++) {
            long entry = rx.entry(i);
            long data = area + Memory.getLong(entry);
            if (fits) {
                Memory.copy(data, place, Memory.getInt(entry + Ring.LENGTH));
                place += Memory.getInt(entry + Ring.LENGTH);
            }
            umem.give(data);
        }
        if (!fits) {
            tooLong++;
            return first - end;
        }
        if (finishesChecksums) {
            PartialChecksum.finish(frame + Burst.HEADROOM, length);
        }
        burst.setPacket(index, frame, length, time);
        return end - first;
    }

    /** There is no packet. */
    private int idle() throws IOException {
        if (failure != null) {
            IOException thrown = failure;
            failure = null;
            throw thrown;
        }
        if (ended) {
            return END;
        }
        refill(1);
        if (out.sending() > 0) {
            push();
        }
        socket.look();
        long now = System.nanoTime();
        if (now - nextTick > 0) {
            tick(now);
        }
        return 0;
    }

    /** Gives the kernel frames to receive into, as many as there are and at least {@code least}. */
    private void refill(int least) {
        int count = Math.min(fill.room(fill.size()), umem.available());
        if (count >= least) {
            umem.take(fill, count);
            fill.advance(count);
            fill.publish();
        }
    }

    private void tick(long now) {
        nextTick = now + interval;
        socket.statistics(statistics.address());
        if (!ended && socket.error() != 0) {
            breakDown();
        }
        Device found = ended ? null : Device.find(device);
        if (found != null && found.isRunning() != linkUp) {
            linkUp = found.isRunning();
            messages.accept(name + ": the link is " + (linkUp ? "up" : "down"));
        }
    }

    private void breakDown() {
        ended = true;
        out.end();
        failure = new IOException(name + ": the interface is gone");
    }

    @Override
    public boolean transmit(long descriptor) {
        return out.transmit(descriptor);
    }

    @Override
    public int transmit(Burst burst, int start, int end) throws IOException {
        return umem.gathered() == null ? out.transmit(burst, start, end) : Port.super.transmit(burst, start, end);
    }

    @Override
    public boolean copy(long descriptor) {
        return out.copy(descriptor);
    }

    @Override
    public void release(long descriptor) {
        umem.giveBack(descriptor);
    }

    @Override
    public void release(Burst burst, int start, int end) {
        umem.giveBack(burst, start, end);
    }

    @Override
    public void flush() {
        if (!out.flush()) {
            breakDown();
        }
    }

    /** What was sent leaves, as far as the interface takes it in time. */
    @Override
    public void finish() throws IOException {
        flush();
        long start = System.nanoTime();
        while (tx.waiting() > 0 && !ended && System.nanoTime() - start < patience) {
            push();
            out.reap();
            LockSupport.parkNanos(DRAIN_PAUSE);
        }
        tick(System.nanoTime());
    }

    private void push() {
        if (!out.push()) {
            breakDown();
        }
    }

    private long counted(int number) {
        return Memory.getLong(statistics.address() + (long) number * Long.BYTES);
    }

    /** Of struct xdp_statistics: rx_dropped, which has those without a frame to receive into among others, and rx_ring_full. */
    @Override
    public long missed() {
        return counted(0) + counted(3) + tooLong;
    }

    @Override
    public synchronized Map<String, Long> details() {
        Map<String, Long> details = new LinkedHashMap<>();
        if (!closed) {
            details.put("packets in rx ring", (long) rx.waiting());
            details.put("frames in fill ring", (long) fill.waiting());
            details.put("packets in tx ring", (long) tx.waiting());
            details.put("missed as rx ring was full", counted(3));
            details.put("missed as fill ring was empty", counted(4));
            details.put(Port.tooLong(umem.gathered() != null), tooLong);
            details.put("missed for other reasons", missed() - counted(3) - counted(4) - tooLong);
            details.put("not sent as invalid", counted(2));
        }
        return details;
    }

    /** Frames in the fill and tx rings and on their way back, which this port alone knows of; those in the rx ring too. */
    int held() {
        return fill.waiting() + rx.waiting() + out.sending();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            socket.close();
            statistics.close();
        }
    }
}
