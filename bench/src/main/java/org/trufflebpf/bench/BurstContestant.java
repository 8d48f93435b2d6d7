package org.trufflebpf.bench;

import org.trufflebpf.io.burst.BurstProcessor;

/** A contestant that takes bursts from Java, as the poll loop gives them. The call per burst counts as the program's time. */
final class BurstContestant implements Contestant {
    private final BurstProcessor processor;
    private final PacketBurst burst;
    private final Runnable release;

    /**
     * @param burst is closed with this
     * @param release is run when the contestant is closed
     */
    BurstContestant(PacketBurst burst, BurstProcessor processor, Runnable release) {
        this.processor = processor;
        this.burst = burst;
        this.release = release;
    }

    @Override
    public double run(long packets) {
        long bursts = (packets + PacketBurst.SIZE - 1) / PacketBurst.SIZE;
        long start = System.nanoTime();
        burst.run(processor, bursts);
        return (double) (System.nanoTime() - start) / (bursts * PacketBurst.SIZE);
    }

    @Override
    public Outcome judge() {
        return burst.judge(processor);
    }

    @Override
    public void close() {
        release.run();
        burst.close();
    }
}
