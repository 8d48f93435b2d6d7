package org.trufflebpf.language.isa;

/** Code that is not valid eBPF, whatever it would do. */
public final class MalformedCodeException extends Exception {
    private static final long serialVersionUID = 1;

    private final int slot;

    public MalformedCodeException(int slot, String message) {
        super(message);
        this.slot = slot;
    }

    /** The instruction's slot. */
    public int slot() {
        return slot;
    }
}
