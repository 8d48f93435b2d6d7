package org.trufflebpf.language.nodes;

import org.trufflebpf.language.object.ProgramSpec;

/** Is told of traps of one worker, on its thread. */
@FunctionalInterface
public interface TrapListener {
    /**
     * The packet's frame and everything else that the program had is still as the trap left it, until this returns.
     *
     * @param program that trapped, where there were tail calls not the one that began
     */
    void trapped(ProgramSpec program, Trap trap);
}
