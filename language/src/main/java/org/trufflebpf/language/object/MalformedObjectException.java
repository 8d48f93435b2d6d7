package org.trufflebpf.language.object;

/** An object file that cannot be loaded. The message is one line: what, where in the file, what to do. */
public final class MalformedObjectException extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedObjectException(String message) {
        super(message);
    }
}
