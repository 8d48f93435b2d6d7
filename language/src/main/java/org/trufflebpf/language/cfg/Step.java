package org.trufflebpf.language.cfg;

import org.trufflebpf.language.isa.Instruction;

/**
 * An instruction in a block, its registers renamed as {@link Registers} says.
 *
 * @param slot where it stands in the code; inlined and split code repeats slots
 */
public record Step(int slot, Instruction instruction) {
}
