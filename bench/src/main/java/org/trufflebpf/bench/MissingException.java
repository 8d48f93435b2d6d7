package org.trufflebpf.bench;

/** A contestant cannot take part here; the message says why in a few words. */
final class MissingException extends Exception {
    private static final long serialVersionUID = 1;

    MissingException(String reason) {
        super(reason);
    }
}
