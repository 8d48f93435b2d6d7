package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Measures contestants in turns of short windows, so that what else the machine does meets them all alike; what counts is the ratio of their
 * minima. On a quiet machine that is stable to about 5 %.
 */
final class Race implements AutoCloseable {
    /** Long enough for the clock, short enough that many windows are not interrupted. */
    static final long WINDOW_NANOSECONDS = 3_000_000;
    /** Windows; in the first the caches still hold what others used. */
    private static final int TURN = 3;

    private final List<Lane> lanes = new ArrayList<>();
    private final List<AutoCloseable> owned = new ArrayList<>();

    private record Lane(Contestant contestant, long packets, Series series) {
    }

    /** Prepares a contestant. */
    interface Maker {
        Contestant make() throws MissingException;
    }

    /** Takes a contestant in, warms it up, and closes it at the race's end. The column fills with every {@link #run}. */
    Column enter(Maker maker) {
        try {
            Contestant contestant = maker.make();
            Lane lane = new Lane(contestant, warmUp(contestant), new Series());
            lanes.add(lane);
            return new Column(lane.series, null);
        } catch (MissingException e) {
            return new Column(null, e.getMessage());
        }
    }

    /** Takes what contestants need, to be closed after them. */
    <T extends AutoCloseable> T own(T resource) {
        owned.add(resource);
        return resource;
    }

    /** Gives the packets that make a window. */
    private static long warmUp(Contestant contestant) {
        long packets = 1;
        for (int full = 0; full < contestant.warmUpWindows();) {
            double nanoseconds = Math.max(contestant.run(packets), 0.1);
            full += packets == contestant.most() || packets * nanoseconds >= WINDOW_NANOSECONDS / 2.0 ? 1 : 0;
            packets = Math.clamp((long) (WINDOW_NANOSECONDS / nanoseconds), 1, Math.min(10 * packets, contestant.most()));
        }
        return packets;
    }

    /** Measures each contestant in so many windows, a turn after the other. */
    void run(int windows) {
        for (int left = windows; left > 0; left -= TURN) {
            for (Lane lane : lanes) {
                for (int i = 0; i < Math.min(TURN, left); i++) {
                    lane.series.add(lane.contestant.run(lane.packets));
                }
            }
        }
    }

    @Override
    public void close() {
        lanes.forEach(lane -> lane.contestant.close());
        lanes.clear();
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        owned.clear();
    }
}
