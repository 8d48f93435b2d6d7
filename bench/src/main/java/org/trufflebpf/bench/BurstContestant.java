package org.trufflebpf.bench;

import java.util.List;
import org.trufflebpf.io.burst.BurstProcessor;

/** A contestant that takes bursts from Java, as the poll loop gives them. The call per burst counts as the program's time. */
final class BurstContestant implements Contestant {
    private final BurstProcessor processor;
    private final PacketBurst burst;
    private final boolean restoring;
    private final Runnable release;

    /**
     * @param burst is closed with this
     * @param restoring whether packets are made what they were before each burst, which is not measured; it needs clock readings for each
     * @param release is run when the contestant is closed
     */
    BurstContestant(PacketBurst burst, BurstProcessor processor, boolean restoring, Runnable release) {
        this.processor = processor;
        this.burst = burst;
        this.restoring = restoring;
        this.release = release;
    }

    @Override
    public double run(long packets) {
        long bursts = (packets + PacketBurst.SIZE - 1) / PacketBurst.SIZE;
        if (restoring) {
            return (double) burst.runRestoring(processor, bursts) / (bursts * PacketBurst.SIZE);
        }
        long start = System.nanoTime();
        burst.run(processor, bursts);
        return (double) (System.nanoTime() - start) / (bursts * PacketBurst.SIZE);
    }

    @Override
    public List<Outcome> judge() {
        return burst.judge(processor);
    }

    @Override
    public void close() {
        release.run();
        burst.close();
    }
}
