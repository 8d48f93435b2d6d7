package org.trufflebpf.io.memory;

/** The system has no room for a block off the heap; the message says how many bytes were asked for. */
public final class OutOfNativeMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfNativeMemoryException(long size, Throwable cause) {
        super("no room for " + size + " bytes of memory outside the heap", cause);
    }
}
