package org.trufflebpf.bench;

/** Runs a program that fills a ring buffer in parts, and drains the ring after each, which is not measured: a full ring would be a quick answer. */
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
        double nanoseconds = 0;
        long left = packets;
        while (left > 0) {
            drain.run();
            long part = Math.min(left, packetsUntilFull);
            nanoseconds += part * contestant.run(part);
            left -= part;
        }
        return nanoseconds / packets;
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
