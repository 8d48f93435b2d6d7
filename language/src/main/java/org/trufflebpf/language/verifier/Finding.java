package org.trufflebpf.language.verifier;

/**
 * What one instruction needs in order to be safe, and whether that is proved. An instruction that stands in several blocks, as inlined and split
 * code does, has the findings of each.
 *
 * @param slot the instruction in the code
 * @param block the block of the graph that it stands in
 * @param step its index among the steps of the block; the number of steps for the terminator
 * @param need what it needs
 * @param proved whether it has that on every path; else it is checked when the program runs
 * @param register the register that it is about, numbered as {@link org.trufflebpf.language.cfg.Registers} says; -1 for none
 * @param known what is known of that register before the instruction; null where there is no register
 * @param text what it does, for people: "reads 4 bytes at offset 12 of the packet"; where it is not proved followed by why not and what to do
 */
public record Finding(int slot, int block, int step, Need need, boolean proved, int register, Value known, String text) {

    /** What can be needed. */
    public enum Need {
        /** Memory that a load reads, a store writes, or an atomic operation changes. */
        MEMORY,
        /** An argument that a helper or kernel function accepts. */
        ARGUMENT,
        /** A register that was written before. */
        WRITTEN,
        /** A number as the program's result. */
        RESULT,
        /** Something taken that has to be given back: a record, a lock. */
        REFERENCE,
        /** A loop that ends. */
        LOOP
    }
}
