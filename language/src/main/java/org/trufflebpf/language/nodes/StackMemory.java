package org.trufflebpf.language.nodes;

import org.trufflebpf.language.cfg.Registers;

/** The memory behind the stack frames of one worker. */
public final class StackMemory {
    /** All frames, in bytes. */
    public static final int BYTES = FrameLayout.FRAME_BYTES * Registers.MAX_DEPTH;

    private StackMemory() {
    }
}
