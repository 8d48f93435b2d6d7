package org.trufflebpf.language.cfg;

import org.trufflebpf.language.isa.Instruction;

/**
 * An instruction in a block, its registers renamed as {@link Registers} says.
 *
 * @param slot where it stands in the code; inlined and split code repeats slots
 * @param proved whether steps before it have made sure that the memory it accesses is in its region, in a way that the analysis does not see
 */
public record Step(int slot, Instruction instruction, boolean proved) {
    public Step(int slot, Instruction instruction) {
        this(slot, instruction, false);
    }

    /** The same, proved. */
    public Step asProved() {
        return new Step(slot, instruction, true);
    }
}
