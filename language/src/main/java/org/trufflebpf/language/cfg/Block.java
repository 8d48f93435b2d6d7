package org.trufflebpf.language.cfg;

import java.util.List;
import java.util.function.IntUnaryOperator;

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

    /** The same with other blocks to go on at. */
    public Block retarget(IntUnaryOperator target) {
        return new Block(steps, terminator.retarget(target), end);
    }
}
