package org.trufflebpf.language.cfg;

import java.util.List;

/**
 * A basic block: control enters at the first step and leaves by the terminator.
 *
 * @param end where the terminator stands in the code
 */
public record Block(List<Step> steps, Terminator terminator, int end) {
    /** Longer straight code is several blocks, so that a program can be cut into parts of some thousand instructions ({@link Parts}). */
    public static final int MAX_STEPS = 1000;

    public Block {
        steps = List.copyOf(steps);
    }
}
