package org.trufflebpf.language.helpers;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The printf dialect of bpf_trace_printk (bpf_bprintf_prepare in the kernel): %d, %i, %u, %x, %X, %c, %p and %% with l, ll,
 * width and zero padding. %s and the kernel's %p extensions read kernel memory, which is not here: the number is shown instead.
 */
final class TraceFormat {
    private static final int MAX_WIDTH = 64;

    private final byte[] format;
    private final long[] values;
    private final StringBuilder text = new StringBuilder();
    private int position;
    private int used;

    private TraceFormat(byte[] format, long[] values) {
        this.format = format;
        this.values = values;
    }

    /** The text, or null where the kernel says EINVAL: no terminating zero, an unknown conversion, more conversions than values. */
    static String format(byte[] format, long[] values) {
        int end = 0;
        while (end < format.length && format[end] != 0) {
            end++;
        }
        if (end == format.length) {
            return null;
        }
        byte[] terminated = Arrays.copyOf(format, end);
        TraceFormat formatter = new TraceFormat(terminated, values);
        return formatter.run() ? formatter.text.toString() : null;
    }

    private boolean run() {
        while (position < format.length) {
            int start = position;
            while (position < format.length && format[position] != '%') {
                position++;
            }
            text.append(new String(format, start, position - start, StandardCharsets.UTF_8));
            if (position < format.length && !conversion()) {
                return false;
            }
        }
        return true;
    }

    private boolean conversion() {
        position++;
        if (peek() == '%') {
            position++;
            text.append('%');
            return true;
        }
        boolean zeros = peek() == '0';
        int width = 0;
        while (peek() >= '0' && peek() <= '9') {
            width = Math.min(MAX_WIDTH, width * 10 + peek() - '0');
            position++;
        }
        int longs = 0;
        while (peek() == 'l' && longs < 2) {
            longs++;
            position++;
        }
        if (used == values.length) {
            return false;
        }
        long value = values[used++];
        String shown = shown(peek(), longs > 0, value);
        if (shown == null) {
            return false;
        }
        position++;
        skipPointerExtension();
        text.append((zeros ? "0" : " ").repeat(Math.max(0, width - shown.length()))).append(shown);
        return true;
    }

    /** %pI4, %pks and the like: letters and digits right after a p. */
    private void skipPointerExtension() {
        if (format[position - 1] == 'p') {
            while (Character.isLetterOrDigit(peek())) {
                position++;
            }
        }
    }

    private int peek() {
        return position < format.length ? format[position] : -1;
    }

    private static String shown(int letter, boolean wide, long value) {
        long unsigned = wide ? value : value & 0xffff_ffffL;
        return switch (letter) {
            case 'd', 'i' -> Long.toString(wide ? value : (int) value);
            case 'u' -> Long.toUnsignedString(unsigned);
            case 'x' -> Long.toHexString(unsigned);
            case 'X' -> Long.toHexString(unsigned).toUpperCase(Locale.ROOT);
            case 'c' -> Character.toString((char) (value & 0x7f));
            case 'p', 's' -> "0x" + Long.toHexString(value);
            default -> null;
        };
    }
}
