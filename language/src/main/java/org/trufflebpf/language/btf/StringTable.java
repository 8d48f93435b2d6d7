package org.trufflebpf.language.btf;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Strings that end with a zero byte, found by their offset, as ELF and BTF keep them.
 *
 * <p>A hostile table is one long string that is referred to at every offset, which would take quadratic time and memory. So each offset is
 * {@linkplain #isValid admitted} first, and the sum of the lengths of all admitted strings is bounded by a multiple of the table's size: honest
 * tables share at most common ends.
 *
 * <p>{@code isValid} belongs to one thread; {@code get} may be called by any.
 */
public final class StringTable {
    private final byte[] bytes;
    private final int start;
    private final int size;
    private final BitSet admitted = new BitSet();
    private final Map<Integer, String> known = new ConcurrentHashMap<>();
    private long budget;

    /** The table is {@code size} bytes of {@code bytes} from {@code start}; the caller must not change them afterwards. */
    public StringTable(byte[] bytes, int start, int size) {
        this.bytes = bytes;
        this.start = start;
        this.size = size;
        this.budget = 4096 + 8L * size;
    }

    /** Whether a whole string lies at {@code offset}, and reading it keeps the work within bounds. */
    public boolean isValid(int offset) {
        return isValid(offset, Integer.MAX_VALUE);
    }

    /** As {@link #isValid(int)}, and the string has at most {@code maximum} bytes. */
    public boolean isValid(int offset, int maximum) {
        if (offset < 0 || offset >= size) {
            return false;
        }
        if (!admitted.get(offset)) {
            int length = lengthAt(offset);
            budget -= length;
            if (length < 0 || length > maximum || budget < 0) {
                return false;
            }
            admitted.set(offset);
        }
        return true;
    }

    /**
     * The string at an offset that {@link #isValid}; the same object each time, so that names which many refer to take no more memory than the
     * table. Control characters but the tab come out as '?': names go into one-line messages.
     */
    public String get(int offset) {
        return known.computeIfAbsent(offset, this::decode);
    }

    private String decode(int offset) {
        String text = new String(bytes, start + offset, lengthAt(offset), StandardCharsets.UTF_8);
        for (int i = 0; i < text.length(); i++) {
            if (breaksLine(text.charAt(i))) {
                return printable(text);
            }
        }
        return text;
    }

    private int lengthAt(int offset) {
        for (int i = offset; i < size; i++) {
            if (bytes[start + i] == 0) {
                return i - offset;
            }
        }
        return -1;
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.chars().forEach(c -> printable.append(breaksLine(c) ? '?' : (char) c));
        return printable.toString();
    }

    private static boolean breaksLine(int c) {
        return c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029;
    }
}
