package org.trufflebpf.language.isa;

/** Code that is not valid eBPF, whatever it would do. The message does not name the instruction: {@link #slot} does, and a C line can. */
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
