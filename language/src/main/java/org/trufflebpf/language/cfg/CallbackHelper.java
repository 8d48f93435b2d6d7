package org.trufflebpf.language.cfg;

/**
 * The helpers that call a function of the program, by their numbers, and the steps that the graph makes of them. A step is called as a helper is, by
 * a number above all that the kernel has; code that names one itself calls a helper that there is not.
 */
public final class CallbackHelper {
    public static final int FOR_EACH_MAP_ELEM = 164;
    public static final int LOOP = 181;
    public static final int USER_RINGBUF_DRAIN = 209;

    private static final int FIRST_STEP = 1 << 16;
    /**
     * Goes on to the next element of the map in r1, by the cursor of the call depth in r2, from the first one on if the count in r3 is 0; r0 is
     * the address of its value, or 0 at the end.
     */
    public static final int NEXT_ELEMENT = FIRST_STEP;
    /** The address of the key of the element that the map in r1 and the cursor of the call depth in r2 are at. */
    public static final int ELEMENT_KEY = FIRST_STEP + 1;

    /** Begins to drain the user ring buffer in r1 with the flags in r2; r0 is 0 or a negative error. After 0, {@link #END_DRAIN} must follow. */
    public static final int BEGIN_DRAIN = FIRST_STEP + 2;
    /** The dynptr of the next sample in r1's ring, of which the callback has had as many as r2 says; 0 where no more are to come. */
    public static final int NEXT_SAMPLE = FIRST_STEP + 3;
    /** Gives the sample at hand in r1's ring back. */
    public static final int RELEASE_SAMPLE = FIRST_STEP + 4;
    public static final int END_DRAIN = FIRST_STEP + 5;

    private CallbackHelper() {
    }

    public static boolean has(int helper) {
        return helper == FOR_EACH_MAP_ELEM || helper == LOOP || helper == USER_RINGBUF_DRAIN;
    }

    /** Whether a number stands for a step that only the graph makes. */
    public static boolean isStep(int helper) {
        return helper >= FIRST_STEP;
    }

    /** The helper that a step is of; any other number itself. */
    public static int helperOf(int helper) {
        return switch (helper) {
            case NEXT_ELEMENT, ELEMENT_KEY -> FOR_EACH_MAP_ELEM;
            case BEGIN_DRAIN, NEXT_SAMPLE, RELEASE_SAMPLE, END_DRAIN -> USER_RINGBUF_DRAIN;
            default -> helper;
        };
    }
}
