package org.trufflebpf.bench;

/**
 * Runs a program that fills a ring buffer, at most until it is full, which would be a quick answer; the ring is drained before, which is not measured. So
 * windows are short: after each of its test runs the kernel waits some 20 ms, which in longer windows of several parts were minutes.
 */
final class DrainedContestant implements Contestant {
    private final Contestant contestant;
    private final long packetsUntilFull;
    private final Runnable drain;

    DrainedContestant(Contestant contestant, long packetsUntilFull, Runnable drain) {
        this.contestant = contestant;
        this.packetsUntilFull = packetsUntilFull;
        this.drain = drain;
    }

    @Override
    public double run(long packets) {
        drain.run();
        return contestant.run(Math.min(packets, packetsUntilFull));
    }

    @Override
    public Outcome judge() {
        drain.run();
        return contestant.judge();
    }

    @Override
    public void close() {
        contestant.close();
    }
}
