package org.trufflebpf.language.nodes;

import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.Liveness;
import org.trufflebpf.maps.ElementCursor;

/**
 * The memory behind the stack frames of one worker. After them come what no program can write: an {@link ElementCursor} for each frame, and what the
 * parts of a program leave to each other ({@link PartNodes}).
 */
public final class StackMemory {
    static final int CURSORS = FrameLayout.FRAME_BYTES * Registers.MAX_DEPTH;
    /** One more, for the element that a timer's function is called with. */
    public static final int TIMER_CURSOR = CURSORS + ElementCursor.BYTES * Registers.MAX_DEPTH;
    private static final int CURSORS_BYTES = ElementCursor.BYTES * (Registers.MAX_DEPTH + 1);
    /** Where a program goes on that has ended a part: {@link PartNodes}. */
    static final int NEXT = CURSORS + CURSORS_BYTES;
    private static final int SLOTS = NEXT + Long.BYTES;
    private static final int VARIABLES = SLOTS + Long.BYTES * FrameLayout.FIRST_VARIABLE;
    /** In all. */
    public static final int BYTES = VARIABLES + Long.BYTES * Liveness.COUNT;

    private StackMemory() {
    }

    /** Where a frame slot below {@link FrameLayout#FIRST_VARIABLE} is kept between parts, from the start. */
    static int ofSlot(int slot) {
        return SLOTS + Long.BYTES * slot;
    }

    /** The same of a variable, numbered as in {@link Liveness}. */
    static int ofVariable(int variable) {
        return VARIABLES + Long.BYTES * variable;
    }

    /** Whether {@code size} bytes at {@code distance} from the start lie in the key that a cursor holds. */
    static boolean isKey(long distance, long size) {
        long inCursors = distance - CURSORS;
        long left = ElementCursor.INDEX + Integer.BYTES - inCursors % ElementCursor.BYTES;
        return inCursors >= 0 && inCursors < CURSORS_BYTES && size >= 0 && size <= left;
    }
}
