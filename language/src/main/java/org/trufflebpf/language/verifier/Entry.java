package org.trufflebpf.language.verifier;

/** What a program's registers hold when it starts. */
public enum Entry {
    /** r1 is the context. */
    XDP,
    /** r1 is the first byte of a memory block, r2 its length: the protocol of the bpf_conformance suite. The block stands in for the packet. */
    MEMORY,
    /** A function that a timer calls: r1 is a map, r2 the address of a key in it, r3 of the value that the timer lies in. */
    TIMER
}
