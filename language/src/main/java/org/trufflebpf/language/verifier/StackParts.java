package org.trufflebpf.language.verifier;

/** Sets of the bytes of a stack word, a bit for each: what an access touches, and the parts that {@link StackUse#parts} divides the word into. */
public final class StackParts {
    private StackParts() {
    }

    /** The byte of its word, 0 to 7, that an access at a known place begins at. */
    public static int first(Value base, long offset) {
        return (int) (base.min() + offset & 7);
    }

    /** {@code size} bytes from {@code first} on. */
    static int bytes(int first, int size) {
        return (1 << size) - 1 << first;
    }

    /** The start of the part that a byte lies in. */
    public static int startOf(int parts, int at) {
        return 31 - Integer.numberOfLeadingZeros(parts & (2 << at) - 1);
    }

    /** The byte after the part that a byte lies in; 8 at the end of the word. */
    public static int endOf(int parts, int at) {
        return Integer.numberOfTrailingZeros((parts | 1 << Long.BYTES) & -1 << at + 1);
    }
}
