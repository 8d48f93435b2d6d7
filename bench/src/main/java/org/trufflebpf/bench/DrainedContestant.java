package org.trufflebpf.bench;

import java.util.List;

/**
 * Runs a program that fills a ring buffer, at most until it is full, which would be a quick answer; the ring is drained before, which is not measured. So
 * windows are short: after each of its test runs the kernel waits some 20 ms, which in longer windows of several parts were minutes.
 */
final class DrainedContestant implements Contestant {
    private final Contestant contestant;
    private final long packetsUntilFull;
    private final Runnable drain;
    private final boolean inOne;

    DrainedContestant(Contestant contestant, long packetsUntilFull, Runnable drain) {
        this(contestant, packetsUntilFull, drain, false);
    }

    /** @param inOne whether a window is one part at most: for contestants that take long to start */
    DrainedContestant(Contestant contestant, long packetsUntilFull, Runnable drain, boolean inOne) {
        this.contestant = contestant;
        this.packetsUntilFull = packetsUntilFull;
        this.drain = drain;
        this.inOne = inOne;
    }

    @Override
    public long most() {
        return inOne ? packetsUntilFull : Long.MAX_VALUE;
    }

    @Override
    public int warmUpWindows() {
        return contestant.warmUpWindows();
    }

    @Override
    public double run(long packets) {
        drain.run();
        return contestant.run(Math.min(packets, packetsUntilFull));
    }

    @Override
    public List<Outcome> judge() {
        drain.run();
        return contestant.judge();
    }

    @Override
    public void close() {
        contestant.close();
    }
}
