package org.trufflebpf.language.nodes;

import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.maps.ElementCursor;

/** The memory behind the stack frames of one worker, and after them an {@link ElementCursor} for each frame, which no program can write. */
public final class StackMemory {
    static final int CURSORS = FrameLayout.FRAME_BYTES * Registers.MAX_DEPTH;
    /** One more, for the element that a timer's function is called with. */
    public static final int TIMER_CURSOR = CURSORS + ElementCursor.BYTES * Registers.MAX_DEPTH;
    private static final int CURSORS_BYTES = ElementCursor.BYTES * (Registers.MAX_DEPTH + 1);
    /** In all. */
    public static final int BYTES = CURSORS + CURSORS_BYTES;

    private StackMemory() {
    }

    /** Whether {@code size} bytes at {@code distance} from the start lie in the key that a cursor holds. */
    static boolean isKey(long distance, long size) {
        long inCursors = distance - CURSORS;
        long left = ElementCursor.INDEX + Integer.BYTES - inCursors % ElementCursor.BYTES;
        return inCursors >= 0 && inCursors < CURSORS_BYTES && size >= 0 && size <= left;
    }
}
