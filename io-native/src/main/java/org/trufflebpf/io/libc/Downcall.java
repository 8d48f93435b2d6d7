package org.trufflebpf.io.libc;

/** What calls of native functions have in common. */
public final class Downcall {
    private Downcall() {
    }

    /** Handles of downcalls declare Throwable, but only errors of the virtual machine can come: what a caller throws then. */
    public static RuntimeException unexpected(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
    }
}
