package org.trufflebpf.language.verifier;

/** The fields of struct xdp_md, each a u32 in the source; the first three are converted to pointers as the kernel does. */
public enum ContextField {
    DATA, DATA_END, DATA_META, INGRESS_IFINDEX, RX_QUEUE_INDEX, EGRESS_IFINDEX;

    private static final ContextField[] FIELDS = values();

    public boolean isPointer() {
        return this == DATA || this == DATA_END || this == DATA_META;
    }

    /** In bytes. */
    public int offset() {
        return 4 * ordinal();
    }

    /** The field at a byte offset, or null when none begins there. */
    public static ContextField at(long offset) {
        return offset >= 0 && offset < 4L * FIELDS.length && offset % 4 == 0 ? FIELDS[(int) offset / 4] : null;
    }
}
