package org.trufflebpf.io.loop;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import org.trufflebpf.io.port.Port;

/**
 * The counters of one worker, by port. The worker alone writes, without locked instructions; any thread may take a {@link #snapshot} at any
 * time, in which each number is one that the counter really had, though two counters may be a few packets apart.
 */
public final class Statistics {
    /** Keeps the counters two cache lines away from what another worker writes. */
    private static final int PADDING = 16;
    private static final int COUNTERS = Counter.values().length;
    /** Timed bursts, their packets, and how long they took in the program and altogether. */
    private static final int TIMES = 4;
    private static final int STRIDE = 2 * COUNTERS + TIMES;

    private final int[] ifindexes;
    private final AtomicLongArray values;
    /** By port, what was counted as sent first and not sent then: packets, and bytes. */
    private final long[] refused;
    private final long[] refusedBytes;

    Statistics(Port[] ports) {
        ifindexes = new int[ports.length];
        for (int i = 0; i < ports.length; i++) {
            ifindexes[i] = ports[i].ifindex();
        }
        values = new AtomicLongArray(2 * PADDING + STRIDE * ports.length);
        refused = new long[ports.length];
        refusedBytes = new long[ports.length];
    }

    private static int index(int port, int counter) {
        return PADDING + port * STRIDE + 2 * counter;
    }

    /** Adds one packet; {@code counter} is an ordinal. */
    void add(int port, int counter, int bytes) {
        add(port, counter, 1, bytes);
    }

    void add(int port, int counter, long packets, long bytes) {
        int index = index(port, counter);
        values.setOpaque(index, values.getPlain(index) + packets);
        values.setOpaque(index + 1, values.getPlain(index + 1) + bytes);
    }

    /** Packets that were counted as SENT, but were NOT_SENT after all. @param packets and bytes, since the start */
    void refused(int port, long packets, long bytes) {
        long more = packets - refused[port];
        if (more != 0) {
            long moreBytes = bytes - refusedBytes[port];
            refused[port] = packets;
            refusedBytes[port] = bytes;
            add(port, Counter.SENT.ordinal(), -more, -moreBytes);
            add(port, Counter.NOT_SENT.ordinal(), more, moreBytes);
        }
    }

    /**
     * Adds a burst that was timed.
     *
     * @param inProgram nanoseconds
     * @param whole nanoseconds that it took to receive, judge and send it
     */
    void addTime(int port, int packets, long inProgram, long whole) {
        int index = index(port, COUNTERS);
        values.setOpaque(index, values.getPlain(index) + 1);
        values.setOpaque(index + 1, values.getPlain(index + 1) + packets);
        values.setOpaque(index + 2, values.getPlain(index + 2) + inProgram);
        values.setOpaque(index + 3, values.getPlain(index + 3) + whole);
    }

    /** Replaces a count that is kept elsewhere. */
    void set(int port, Counter counter, long packets) {
        values.setOpaque(index(port, counter.ordinal()), packets);
    }

    /** The counters as they are now. */
    public Snapshot snapshot() {
        long[] copy = new long[STRIDE * ifindexes.length];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = values.getOpaque(PADDING + i);
        }
        return new Snapshot(ifindexes, copy);
    }

    /**
     * How long bursts took, by a sample of one in sixteen.
     *
     * @param bursts in the sample
     * @param packets in those
     * @param inProgram nanoseconds that the program took for them
     * @param whole nanoseconds that it took to receive, judge and send them
     */
    public record Times(long bursts, long packets, long inProgram, long whole) {
        public Times minus(Times earlier) {
            return new Times(bursts - earlier.bursts, packets - earlier.packets, inProgram - earlier.inProgram, whole - earlier.whole);
        }
    }

    /** Counters of one moment. Ports are numbered from 0 in the order in which the poll loop was given them. */
    public static final class Snapshot {
        private final int[] ifindexes;
        private final long[] values;

        private Snapshot(int[] ifindexes, long[] values) {
            this.ifindexes = ifindexes;
            this.values = values;
        }

        /** Number of ports. */
        public int ports() {
            return ifindexes.length;
        }

        public int ifindex(int port) {
            return ifindexes[port];
        }

        public long packets(int port, Counter counter) {
            return values[index(port, counter.ordinal()) - PADDING];
        }

        public long bytes(int port, Counter counter) {
            return values[index(port, counter.ordinal()) - PADDING + 1];
        }

        /** Of the bursts that came in at a port. */
        public Times times(int port) {
            int index = index(port, COUNTERS) - PADDING;
            return new Times(values[index], values[index + 1], values[index + 2], values[index + 3]);
        }

        /** Packets of all ports. */
        public long packets(Counter counter) {
            long sum = 0;
            for (int port = 0; port < ports(); port++) {
                sum += packets(port, counter);
            }
            return sum;
        }

        /** Bytes of all ports. */
        public long bytes(Counter counter) {
            long sum = 0;
            for (int port = 0; port < ports(); port++) {
                sum += bytes(port, counter);
            }
            return sum;
        }

        /**
         * The sums of this and another worker's counters over the same ports.
         *
         * @throws IllegalArgumentException if the ports are others
         */
        public Snapshot plus(Snapshot other) {
            if (!Arrays.equals(ifindexes, other.ifindexes)) {
                throw new IllegalArgumentException("counters of different ports");
            }
            long[] sums = values.clone();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += other.values[i];
            }
            return new Snapshot(ifindexes, sums);
        }
    }
}
