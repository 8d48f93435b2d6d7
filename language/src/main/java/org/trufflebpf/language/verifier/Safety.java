package org.trufflebpf.language.verifier;

/** What becomes of a program whose safety is not proved. */
public enum Safety {
    /** It runs, with a check wherever something is not proved; what is wrong on every path is rejected. */
    GRADUATED,
    /** It is rejected: only programs run of which everything is proved. */
    STRICT,
    /** It runs, nothing is taken as proved, and every access is checked; malformed code is still rejected. */
    OFF
}
