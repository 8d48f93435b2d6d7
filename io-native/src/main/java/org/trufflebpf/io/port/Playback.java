package org.trufflebpf.io.port;

/** The clock by which the recordings of one run are played back together: the oldest packet of all comes when the run starts. One thread uses it. */
public final class Playback {
    /** Time of the oldest packet, in nanoseconds since 1970. */
    private long origin = Long.MAX_VALUE;
    /** By System.nanoTime. */
    private long start;
    private boolean started;

    void add(long timestamp) {
        origin = Math.min(origin, timestamp);
    }

    void start() {
        if (!started) {
            started = true;
            start = System.nanoTime();
        }
    }

    /** The time that has come in a recording of these, {@code speed} times as fast as when it was made. */
    long now(double speed) {
        long elapsed = (long) ((System.nanoTime() - start) * speed);
        return origin > Long.MAX_VALUE - elapsed ? Long.MAX_VALUE : origin + elapsed;
    }
}
