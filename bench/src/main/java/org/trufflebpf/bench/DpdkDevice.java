package org.trufflebpf.bench;

/** Virtual devices of DPDK that never run out of packets, and cost next to nothing themselves. */
enum DpdkDevice {
    /** Gives frames as they are in the pool, and takes all. */
    NULL("net_null"),
    /** Gives what was sent to it. */
    RING("net_ring");

    private final String driver;

    DpdkDevice(String driver) {
        this.driver = driver;
    }

    /** For tables, charts and JSON. */
    String label() {
        return driver;
    }

    /** As DPDK spells it. @param length of packets, in bytes */
    String arguments(int length) {
        return this == NULL ? driver + "0,size=" + length : driver + "0";
    }
}
