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
    /** Came in, but was redirected to no port, or to the socket of another queue, so dropped. */
    REDIRECTED_NOWHERE,
    /** Came in, was redirected to the socket of its queue, and passed. */
    TO_SOCKET,
    /** Should have gone out at the port, but the program of the device map's entry did not pass it. */
    EGRESS_DROP,
    /** Should have gone out at the port, which had no room, or whose device had none when the burst was handed over: until then it counts as SENT. */
    NOT_SENT,
    /** Came in, was redirected to a CPU and passed there. */
    CPU_PASS,
    /** Came in, was redirected to a CPU and dropped by the program of the CPU map's entry. */
    CPU_DROP,
    /** Came in and was redirected to a CPU, whose queue was full. */
    CPU_FULL,
    /** Came in and passed, but the target of passed packets had no room. */
    NOT_PASSED,
    /** Came from the kernel's network stack to go out at the port, without the program; SENT or NOT_SENT, too. */
    FROM_STACK,
    /** Arrived, but could not be received: longer than a frame's room, or no frame was free. */
    MISSED;

    private static final Counter[] VALUES = values();

    /** The counter of a verdict. */
    public static Counter of(Verdict verdict) {
        return VALUES[ABORTED.ordinal() + verdict.ordinal()];
    }
}
