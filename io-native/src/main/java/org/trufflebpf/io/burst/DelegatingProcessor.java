package org.trufflebpf.io.burst;

/** Another processor but for its bursts, which who implements this looks at or changes before. */
public interface DelegatingProcessor extends BurstProcessor {
    /** The other one. */
    BurstProcessor processor();

    @Override
    default long idle() {
        return processor().idle();
    }

    @Override
    default long[] redirectGroup(int handle) {
        return processor().redirectGroup(handle);
    }

    @Override
    default BurstProcessor program(int number, int cpu) {
        return processor().program(number, cpu);
    }
}
