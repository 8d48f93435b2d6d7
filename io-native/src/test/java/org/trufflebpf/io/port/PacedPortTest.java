package org.trufflebpf.io.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;

/** Packets come when they are due; a machine that is busy makes them late, never early. */
@Timeout(60)
class PacedPortTest {
    private static final long MILLISECOND = 1_000_000;
    /** In nanoseconds since 1970. */
    private static final long BEGINNING = 1_000_000_000;

    /** Packets at some milliseconds after the beginning. */
    private static final class Recording implements RecordedPort {
        private final List<Long> times;
        private final IOException end;

        Recording(IOException end, long... milliseconds) {
            this.times = new ArrayList<>();
            for (long each : milliseconds) {
                times.add(BEGINNING + each * MILLISECOND);
            }
            this.end = end;
        }

        @Override
        public long nextTimestamp() {
            return times.isEmpty() ? -1 : times.getFirst();
        }

        @Override
        public int receive(Burst burst, int limit, long until) throws IOException {
            if (times.isEmpty()) {
                if (end != null) {
                    throw end;
                }
                return END;
            }
            int count = 0;
            while (count < limit && !times.isEmpty() && (count == 0 || times.getFirst() <= until)) {
                burst.setPacket(count++, 0, 0, 0, 0, times.removeFirst());
            }
            return count;
        }

        @Override
        public long position() {
            return 0;
        }

        @Override
        public long size() {
            return -1;
        }

        @Override
        public int ifindex() {
            return 4;
        }

        @Override
        public boolean copy(long descriptor) {
            return true;
        }

        @Override
        public void release(long descriptor) {
            // It has no frames.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /** When each packet came, in nanoseconds from the start, and the time that it bears. */
    private static List<long[]> play(Port... ports) throws IOException {
        List<long[]> arrivals = new ArrayList<>();
        try (Burst burst = new Burst(8)) {
            long start = System.nanoTime();
            for (Port port : ports) {
                port.start();
            }
            List<Port> active = new ArrayList<>(List.of(ports));
            while (!active.isEmpty()) {
                for (Port port : List.copyOf(active)) {
                    int count = port.receive(burst, 8);
                    long now = System.nanoTime();
                    if (count == Port.END) {
                        active.remove(port);
                    }
                    for (int i = 0; i < count; i++) {
                        arrivals.add(new long[] {now - start, Memory.getLong(burst.descriptor(i) + Burst.TIMESTAMP)});
                    }
                }
            }
        }
        return arrivals;
    }

    private static void assertInTime(List<long[]> arrivals, double speed) {
        for (long[] arrival : arrivals) {
            assertTrue(arrival[0] >= (arrival[1] - BEGINNING) / speed, "a packet came early: " + arrival[0] + " ns, of " + arrival[1]);
        }
    }

    @Test
    void packetsComeAsTheyCameThen() throws IOException {
        List<long[]> arrivals = play(new PacedPort(new Recording(null, 0, 1, 20, 20, 20, 15, 60), 1, new Playback()));
        assertEquals(7, arrivals.size());
        assertInTime(arrivals, 1);
    }

    @Test
    void theSpeedChangesThat() throws IOException {
        for (double speed : new double[] {0.5, 4}) {
            List<long[]> arrivals = play(new PacedPort(new Recording(null, 0, 5, 30), speed, new Playback()));
            assertEquals(3, arrivals.size());
            assertInTime(arrivals, speed);
        }
        List<long[]> fast = play(new PacedPort(new Recording(null, 0, 3_600_000), 1e6, new Playback()));
        assertTrue(fast.get(1)[0] < 3_600_000 * MILLISECOND, "an hour took an hour");
    }

    @Test
    void severalKeepTheirDistance() throws IOException {
        Playback playback = new Playback();
        List<long[]> arrivals = play(new PacedPort(new Recording(null, 40, 41), 1, playback), new PacedPort(new Recording(null, 0, 60), 1, playback));
        assertEquals(4, arrivals.size());
        assertInTime(arrivals, 1);
    }

    @Test
    void theEndComesAtOnce() throws IOException {
        PacedPort empty = new PacedPort(new Recording(null), 1, new Playback());
        PacedPort broken = new PacedPort(new Recording(new IOException("cut")), 1, new Playback());
        try (Burst burst = new Burst(1)) {
            empty.start();
            broken.start();
            assertEquals(Port.END, empty.receive(burst, 1));
            assertEquals("cut", assertThrows(IOException.class, () -> broken.receive(burst, 1)).getMessage());
        }
    }
}
