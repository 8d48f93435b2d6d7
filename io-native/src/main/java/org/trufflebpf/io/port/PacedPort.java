package org.trufflebpf.io.port;

import java.io.IOException;
import java.util.Map;
import org.trufflebpf.io.burst.Burst;

/**
 * A recording whose packets come when they came when it was made, or so many times as fast, instead of as fast as the program takes them. Packets
 * that are late, since the program needed longer, come at once.
 */
public final class PacedPort implements Port {
    private final RecordedPort recording;
    private final double speed;
    private final Playback playback;

    /**
     * @param recording the port's own from now on
     * @param speed 1 for the speed at which it was made, 2 for twice as fast
     * @param playback shared with the other ports of a run
     */
    public PacedPort(RecordedPort recording, double speed, Playback playback) {
        this.recording = recording;
        this.speed = speed;
        this.playback = playback;
        if (recording.nextTimestamp() >= 0) {
            playback.add(recording.nextTimestamp());
        }
    }

    @Override
    public int ifindex() {
        return recording.ifindex();
    }

    @Override
    public int rxQueue() {
        return recording.rxQueue();
    }

    @Override
    public Object memory() {
        return recording.memory();
    }

    @Override
    public void start() throws IOException {
        recording.start();
        playback.start();
    }

    @Override
    public int receive(Burst burst, int limit) throws IOException {
        long now = playback.now(speed);
        long next = recording.nextTimestamp();
        // Without a next packet it tells why.
        return next >= 0 && next > now ? 0 : recording.receive(burst, limit, now);
    }

    @Override
    public long quiet() {
        return Math.max(0, (long) ((recording.nextTimestamp() - playback.now(speed)) / speed));
    }

    @Override
    public boolean transmit(long descriptor) throws IOException {
        return recording.transmit(descriptor);
    }

    @Override
    public boolean copy(long descriptor) throws IOException {
        return recording.copy(descriptor);
    }

    @Override
    public void release(long descriptor) {
        recording.release(descriptor);
    }

    @Override
    public void flush() throws IOException {
        recording.flush();
    }

    @Override
    public void finish() throws IOException {
        recording.finish();
    }

    @Override
    public long missed() {
        return recording.missed();
    }

    @Override
    public Map<String, Long> details() {
        return recording.details();
    }

    @Override
    public void close() throws IOException {
        recording.close();
    }
}
