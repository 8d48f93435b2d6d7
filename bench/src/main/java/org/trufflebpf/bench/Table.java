package org.trufflebpf.bench;

/** A map from the control plane's side, ours or the kernel's. Values of per-CPU kinds are those of all CPUs. */
interface Table {
    /** Creates or replaces an entry. Maps without keys take a key of no bytes. */
    void put(byte[] key, byte[] value);

    /** Puts a new map into a map of maps. */
    Table putTable(byte[] key);

    /** Throws away what programs have sent through a ring buffer. */
    void drain();

    /** Bytes of a value. */
    int valueSize();

    /** Bytes of memory that the map takes now. */
    long memory();
}
