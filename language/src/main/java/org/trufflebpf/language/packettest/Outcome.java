package org.trufflebpf.language.packettest;

/**
 * What came of one test.
 *
 * @param position the step that failed or was skipped; of a test that passed its last one
 * @param message one line; empty if it passed
 * @param details the packet side by side, in lines; maybe empty
 * @param seconds that it took
 */
public record Outcome(PacketTest test, Kind kind, Position position, String message, String details, double seconds) {
    /** How it ended. */
    public enum Kind {
        PASSED, FAILED,
        /** The engine cannot take such packets. */
        SKIPPED,
        /** A file that the test names cannot be read; counts as failed. */
        UNREADABLE
    }

    public boolean failed() {
        return kind == Kind.FAILED || kind == Kind.UNREADABLE;
    }
}
