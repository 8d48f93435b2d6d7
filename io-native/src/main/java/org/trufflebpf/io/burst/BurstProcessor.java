package org.trufflebpf.io.burst;

/** Gives verdicts. One instance per worker; only that worker's thread calls it. */
public interface BurstProcessor {
    /**
     * Processes all packets of {@code burst}; on return each has a verdict, and its address and length are final. Never throws for what a packet
     * holds.
     */
    void process(Burst burst);

    /**
     * The interface numbers that a {@link Burst#REDIRECT_TO_GROUP} target stands for, read when the packet is sent.
     *
     * @param handle the packet's REDIRECT_TARGET
     */
    int[] redirectGroup(int handle);
}
