package org.trufflebpf.io.port;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.generator.PacketWriter;
import org.trufflebpf.io.generator.Traffic;

/**
 * A port whose packets are made up; what is sent to it goes to a capture or is gone. Packets bear the times at which they would come at the
 * wanted rate, or at 10 million per second where there is none, the first one second after 1970 began: so they are the same in every run, while
 * {@link #receive} keeps the rate by the machine's clock. Packets that are due are handed over every millisecond, as network cards do that
 * gather interrupts, so that the worker can sleep in between.
 */
public final class GeneratorPort extends SinkPort {
    private static final double SECOND = 1e9;
    private static final double USUAL_GAP = 100;
    private static final long GATHERED = TimeUnit.MILLISECONDS.toNanos(1);
    /** After a longer pause packets are not made up for: it would be a flood. */
    private static final long MOST_LATE = TimeUnit.MILLISECONDS.toNanos(100);

    private final int queue;
    private final int queues;
    private final long count;
    /** Nanoseconds between the packets of all queues. */
    private final double gap;
    private final boolean paced;
    private final PacketWriter packets;
    private final FramePool pool;
    private volatile long missed;
    private long sent;
    /** When packet 0 of this queue was due, by the machine's clock. */
    private long start;
    private boolean started;
    /** When the next packets are handed over. */
    private long nextTime;

    /** One for a program without fragments. */
    public GeneratorPort(int ifindex, int queue, int queues, Traffic traffic, CaptureSink sink, int frames) {
        this(ifindex, queue, queues, traffic, sink, frames, false);
    }

    /**
     * One queue of a port.
     *
     * @param queue its number, from 0
     * @param sink the queues' own from now on: closing any queue closes it
     * @param frames packets that can be lent at the same time, at least the size of a burst
     * @param fragments whether the program gets packets of several buffers
     */
    public GeneratorPort(int ifindex, int queue, int queues, Traffic traffic, CaptureSink sink, int frames, boolean fragments) {
        super(ifindex, sink);
        this.queue = queue;
        this.queues = queues;
        this.count = Math.ceilDiv(traffic.count() - queue, queues);
        this.paced = traffic.rate() > 0;
        this.gap = paced ? SECOND / traffic.rate() : USUAL_GAP;
        this.packets = new PacketWriter(traffic, queue, queues);
        this.pool = new FramePool(frames, fragments);
    }

    @Override
    public int rxQueue() {
        return queue;
    }

    @Override
    public int receive(Burst burst, int limit) {
        if (sent >= count) {
            return END;
        }
        int most = (int) Math.min(Math.min(limit, pool.available()), count - sent);
        if (paced) {
            most = due(most);
        }
        int received = 0;
        for (int i = 0; i < most; i++) {
            int length = packets.next();
            if (length <= pool.longest()) {
                long frame = pool.take();
                packets.write(frame + Burst.HEADROOM);
                burst.setPacket(received++, frame, length, (long) SECOND + (long) (number(sent + i) * gap));
            } else {
                missed++;
            }
        }
        sent += most;
        return received;
    }

    /** What number among those of all queues a packet of this queue has. */
    private double number(long packet) {
        return (double) packet * queues + queue;
    }

    /** How many of {@code most} packets are due. */
    private int due(int most) {
        long now = System.nanoTime();
        if (!started) {
            started = true;
            start = now;
            nextTime = now;
        }
        if (now - nextTime < 0) {
            return 0;
        }
        long late = now - start - (long) (number(sent) * gap);
        if (late > MOST_LATE) {
            start += late - MOST_LATE;
            late = MOST_LATE;
        }
        if (late < 0) {
            nextTime = now - late;
            return 0;
        }
        long owed = 1 + (long) (late / (gap * queues));
        if (owed > most) {
            return most;
        }
        nextTime = Math.max(now + GATHERED, start + (long) (number(sent + owed) * gap));
        return (int) owed;
    }

    @Override
    public long quiet() {
        return !paced || !started ? 0 : Math.max(0, nextTime - System.nanoTime());
    }

    @Override
    public void release(long descriptor) {
        pool.giveBack(descriptor);
    }

    @Override
    public void release(Burst burst, int start, int end) {
        pool.giveBack(burst, start, end);
    }

    @Override
    public long missed() {
        return missed;
    }

    @Override
    public Map<String, Long> details() {
        return Map.of(Port.tooLong(pool.handlesFragments()), missed);
    }

    @Override
    public void finish() throws IOException {
        sink.finish();
    }

    /** Frames that are not lent. */
    int freeFrames() {
        return pool.available();
    }

    @Override
    public void close() throws IOException {
        packets.close();
        pool.close();
        sink.close();
    }
}
