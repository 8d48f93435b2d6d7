package org.trufflebpf.io.loop;

import org.trufflebpf.io.burst.Verdict;

/** What the poll loop counts for each port, in packets and, except for {@link #MISSED}, bytes. */
public enum Counter {
    /** Came in. Bytes as received. */
    RECEIVED,
    /** Verdicts on packets that came in at the port. Bytes as the program left them. */
    ABORTED, DROP, PASS, TX, REDIRECT,
    /** Went out at the port: TX of its own packets and redirects of any port's. */
    SENT,
    /** Came in, but was redirected to no port, so dropped. */
    REDIRECTED_NOWHERE,
    /** Should have gone out at the port, which had no room. */
    NOT_SENT,
    /** Came in with the verdict PASS, but the target of passed packets had no room. */
    NOT_PASSED,
    /** Arrived, but could not be received: longer than a frame's room, or no frame was free. */
    MISSED;

    private static final Counter[] VALUES = values();

    /** The counter of a verdict. */
    public static Counter of(Verdict verdict) {
        return VALUES[ABORTED.ordinal() + verdict.ordinal()];
    }
}
