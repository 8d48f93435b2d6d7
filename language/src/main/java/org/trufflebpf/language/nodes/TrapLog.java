package org.trufflebpf.language.nodes;

/** Is told the first time that each place of a program traps, on the thread of the worker. */
public interface TrapLog {
    /**
     * @param slot the instruction
     * @param what the fault, as a predicate of the instruction
     * @param registers name and value of each register that holds something, in words
     */
    void report(int slot, String what, String registers);
}
