package org.trufflebpf.io.burst;

/** What a program says of a packet, numbered as in the kernel's {@code enum xdp_action}. */
public enum Verdict {
    ABORTED, DROP, PASS, TX, REDIRECT;

    private static final Verdict[] VALUES = values();

    /** Any number outside 0 to 4 counts as {@link #ABORTED}, as in the kernel. */
    public static Verdict of(int code) {
        return code >= 0 && code < VALUES.length ? VALUES[code] : ABORTED;
    }
}
