package org.trufflebpf.io.port;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.pcap.CaptureReader;

/**
 * A port over capture files: it receives the packets of one and writes what is sent to another, with the time at which each packet was
 * received. Without a file to write, what is sent is gone. Packets longer than a program gets count as {@link #missed}. The headroom of fresh packets
 * is zero.
 */
public final class PcapPort extends SinkPort implements RecordedPort {
    private final CaptureReader reader;
    private final FramePool pool;
    private boolean hasNext;
    /** Why there is no next packet, or null; thrown once. */
    private IOException failure;
    private volatile long missed;

    /** One for a program without fragments. */
    public PcapPort(int ifindex, CaptureReader reader, CaptureSink sink, int frames) {
        this(ifindex, reader, sink, frames, false);
    }

    /**
     * The port owns reader and sink from now on.
     *
     * @param frames packets that can be lent at the same time, at least the size of a burst
     * @param fragments whether the program gets packets of several buffers
     */
    public PcapPort(int ifindex, CaptureReader reader, CaptureSink sink, int frames, boolean fragments) {
        super(ifindex, Objects.requireNonNull(sink));
        this.reader = Objects.requireNonNull(reader);
        this.pool = new FramePool(frames, fragments);
        moveOn();
    }

    /** The reader stands on the packet that is received next, so that its time can be seen before. */
    private void moveOn() {
        try {
            hasNext = reader.next();
        } catch (IOException e) {
            hasNext = false;
            failure = e;
        }
    }

    @Override
    public long nextTimestamp() {
        return hasNext ? reader.timestamp() : -1;
    }

    @Override
    public int receive(Burst burst, int limit, long until) throws IOException {
        if (!hasNext) {
            if (failure != null) {
                IOException broken = failure;
                failure = null;
                throw broken;
            }
            return END;
        }
        int most = Math.min(limit, pool.available());
        int count = 0;
        for (int i = 0; i < most && hasNext && (i == 0 || reader.timestamp() <= until); i++) {
            int length = reader.length();
            if (length <= pool.longest()) {
                long frame = pool.take();
                reader.copyTo(frame + Burst.HEADROOM);
                burst.setPacket(count, frame, length, reader.timestamp());
                count++;
            } else {
                missed++;
            }
            moveOn();
        }
        return count;
    }

    @Override
    public void release(long descriptor) {
        pool.giveBack(descriptor);
    }

    @Override
    public void finish() throws IOException {
        sink.finish();
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
    public long position() {
        return reader.position();
    }

    @Override
    public long size() {
        return reader.size();
    }

    /** Frames that are not lent. */
    int freeFrames() {
        return pool.available();
    }

    @Override
    public void close() throws IOException {
        pool.close();
        try {
            reader.close();
        } finally {
            sink.close();
        }
    }
}
