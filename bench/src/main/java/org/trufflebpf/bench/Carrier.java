package org.trufflebpf.bench;

/** A way for packets to get to a program, and on from there: a port of ours, or the kernel's driver. One is measured at a time. */
interface Carrier extends AutoCloseable {
    /** For tables, charts and JSON: who runs the program, and over what. */
    String name();

    /**
     * Sends the scenario's packet as fast as it can be sent, and measures what becomes of it.
     *
     * @param comparison has our program, compiled, and what the maps hold
     * @param nanoseconds how long, after some time to warm up
     * @throws MissingException if it cannot be done here
     */
    Throughput carry(Comparison comparison, long nanoseconds) throws MissingException;

    /** Nothing is left between turns unless a carrier says so. */
    @Override
    default void close() {
    }
}
