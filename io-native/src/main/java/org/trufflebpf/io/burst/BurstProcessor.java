package org.trufflebpf.io.burst;

/** Gives verdicts. One instance per worker; only that worker's thread calls it. */
public interface BurstProcessor {
    /**
     * Processes all packets of {@code burst}; on return each has a verdict, and its address and length are final. Never throws for what a packet
     * holds.
     */
    void process(Burst burst);

    /**
     * No port has a packet: what is to be done at some time can be done now.
     *
     * @return nanoseconds from now on after which it wants to be called again, less than 1 for at once, {@link Long#MAX_VALUE} if nothing waits. It
     *         may be called earlier, and some 0.1 milliseconds later
     */
    default long idle() {
        return Long.MAX_VALUE;
    }

    /**
     * The ports that a {@link Burst#REDIRECT_TO_GROUP} or {@link Burst#REDIRECT_TO_OTHERS} target stands for, read when the packet is sent: of
     * each its interface number in the low half and in the high half the program that its packets run through, or 0.
     *
     * @param handle the packet's REDIRECT_TARGET
     * @return not to be changed
     */
    default long[] redirectGroup(int handle) {
        throw new UnsupportedOperationException("group " + handle);
    }

    /**
     * The program that packets run through where they were redirected to. It belongs to the same worker.
     *
     * @param number the packet's REDIRECT_PROGRAM
     * @param cpu the number of the CPU on which it runs, as in its bursts
     */
    default BurstProcessor program(int number, int cpu) {
        throw new UnsupportedOperationException("program " + number + " on CPU " + cpu);
    }
}
