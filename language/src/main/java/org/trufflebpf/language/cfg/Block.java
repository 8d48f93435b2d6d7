package org.trufflebpf.language.cfg;

import java.util.List;

/**
 * A basic block: control enters at the first step and leaves by the terminator.
 *
 * @param end where the terminator stands in the code
 */
public record Block(List<Step> steps, Terminator terminator, int end) {
    public Block {
        steps = List.copyOf(steps);
    }
}
