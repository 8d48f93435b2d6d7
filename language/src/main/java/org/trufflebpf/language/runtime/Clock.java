package org.trufflebpf.language.runtime;

/** Where programs get their time from; all but the wall clock make runs repeatable. */
public sealed interface Clock {

    /** The machine's monotonic clock. */
    record Wall() implements Clock {
    }

    /** The packet's receive time, as the capture has it: nanoseconds since 1970. */
    record Capture() implements Clock {
    }

    /** Always the same time. */
    record Fixed(long nanoseconds) implements Clock {
    }
}
