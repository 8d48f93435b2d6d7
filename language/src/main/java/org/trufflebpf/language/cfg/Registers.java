package org.trufflebpf.language.cfg;

/**
 * Register numbers after calls have been inlined. r0 to r5 are shared by caller and callee and keep their numbers; r6 to r10 belong to one
 * call frame, so each depth has its own five: nothing has to be saved or restored around a call. At depth 0 the numbers are those of the
 * instruction set.
 */
public final class Registers {
    /** Frames that calls may nest to (MAX_CALL_FRAMES in the kernel). */
    public static final int MAX_DEPTH = 8;
    /** Registers that instructions name, of all depths together; those from here on are made by inlining. */
    public static final int NAMED = 6 + 5 * MAX_DEPTH;
    /** For each depth: where a shared body returns to, and count, subject, context and element of a loop over a callback. */
    private static final int HIDDEN = 5;
    /** The first of those that the optimiser uses within one block. */
    public static final int SCRATCH = NAMED + HIDDEN * MAX_DEPTH;
    public static final int SCRATCH_COUNT = 24;
    /** Holds the context all the time in programs that get one, for steps that the optimiser inserts; nothing writes it. */
    public static final int CONTEXT = SCRATCH + SCRATCH_COUNT;
    public static final int COUNT = CONTEXT + 1;
    public static final int RESULT = 0;
    public static final int CONTEXT_ARGUMENT = 1;

    private Registers() {
    }

    /** The register {@code number}, 0 to 10, of the frame at {@code depth}, 0 to 7. */
    public static int of(int number, int depth) {
        return number < 6 ? number : number + 5 * depth;
    }

    public static int framePointer(int depth) {
        return of(10, depth);
    }

    public static boolean isFramePointer(int register) {
        return register >= 10 && register < NAMED && register % 5 == 0;
    }

    /** The register that says where a function body at {@code depth} returns to, when its callers share it; no instruction names it. */
    static int returnNumber(int depth) {
        return NAMED + depth;
    }

    /** How often the frame at {@code depth} has called the callback of its loop. */
    static int loopCount(int depth) {
        return NAMED + MAX_DEPTH + depth;
    }

    /** How often it is to call it, or the map that it goes over. */
    static int loopSubject(int depth) {
        return NAMED + 2 * MAX_DEPTH + depth;
    }

    /** What it gives the callback. */
    static int loopContext(int depth) {
        return NAMED + 3 * MAX_DEPTH + depth;
    }

    /** The address of the value that it is at. */
    static int loopElement(int depth) {
        return NAMED + 4 * MAX_DEPTH + depth;
    }

    /** The depth whose frame pointer {@code register} is. */
    public static int depthOfFramePointer(int register) {
        return (register - 10) / 5;
    }

    /** As people write it: r7, or r7@2 in an inlined frame. */
    public static String name(int register) {
        if (register <= 10) {
            return "r" + register;
        }
        int depth = (register - 6) / 5;
        return "r" + (register - 5 * depth) + "@" + depth;
    }
}
