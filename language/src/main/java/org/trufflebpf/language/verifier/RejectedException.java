package org.trufflebpf.language.verifier;

/** A program that must not run: what it does is certainly wrong. */
public final class RejectedException extends Exception {
    private static final long serialVersionUID = 1;

    private final int slot;

    public RejectedException(int slot, String message) {
        super(message);
        this.slot = slot;
    }

    /** The instruction's slot. */
    public int slot() {
        return slot;
    }
}
