package org.trufflebpf.io.port;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;

/** A port whose packets are all there from the start, with the times at which they once came, so that several can be merged by time. */
public interface RecordedPort extends Port {
    /** Time of the next packet in nanoseconds since 1970, 0 or more; -1 if {@link #receive} has no further packet. */
    long nextTimestamp();

    /** Receives the next packet, whatever its time, and those that follow it with times up to {@code until}. */
    int receive(Burst burst, int limit, long until) throws IOException;

    @Override
    default int receive(Burst burst, int limit) throws IOException {
        return receive(burst, limit, Long.MAX_VALUE);
    }

    /** Bytes of the recording that were read. */
    long position();

    /** Bytes of the whole recording, -1 if unknown. */
    long size();
}
