package org.trufflebpf.language.helpers;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The printf dialect of bpf_trace_printk (bpf_bprintf_prepare in the kernel): %d, %i, %u, %x and %X with l and ll, %c, %p and %%, with the flags
 * 0, -, + and space and a width. %s and the kernel's %p extensions but %px read kernel memory, which is not here: the number is shown instead.
 */
final class TraceFormat {
    /** What is printed of a text, in bytes (MAX_BPRINTF_BUF in the kernel, with a zero at the end). */
    private static final int MAX_TEXT = 1023;
    /** FIELD_WIDTH_MAX in the kernel. */
    private static final int MAX_WIDTH = (1 << 23) - 1;
    private static final List<String> EXTENSIONS = List.of("ks", "us", "K", "x", "s", "S", "B", "i4", "I4", "i6", "I6");

    private final byte[] format;
    private final int end;
    private final long[] values;
    private final StringBuilder text = new StringBuilder();
    private long length;
    private int position;
    private int used;

    private TraceFormat(byte[] format, int end, long[] values) {
        this.format = format;
        this.end = end;
        this.values = values;
    }

    /**
     * What is printed.
     *
     * @param text cut where the kernel cuts it
     * @param length what it would be uncut, which the helper returns
     */
    record Line(String text, int length) {
    }

    /** Null where the kernel says EINVAL: no terminating zero, no ASCII, an unknown conversion, more conversions than values. */
    static Line format(byte[] format, long[] values) {
        int end = 0;
        while (end < format.length && format[end] != 0) {
            boolean isPrintable = format[end] >= ' ' && format[end] < 0x7f || format[end] >= '\t' && format[end] <= '\r';
            if (!isPrintable) {
                return null;
            }
            end++;
        }
        TraceFormat formatter = new TraceFormat(format, end, values);
        return end < format.length && formatter.run() ? new Line(formatter.text.toString(), (int) formatter.length) : null;
    }

    private boolean run() {
        while (position < end) {
            int start = position;
            while (position < end && format[position] != '%') {
                position++;
            }
            append(new String(format, start, position - start, StandardCharsets.US_ASCII));
            if (position < end && !conversion()) {
                return false;
            }
        }
        return true;
    }

    private void append(String part) {
        length += part.length();
        text.append(part, 0, Math.min(part.length(), MAX_TEXT - text.length()));
    }

    /** Only what can be shown of the padding is made. */
    private void pad(char padding, long count) {
        append(String.valueOf(padding).repeat((int) Math.clamp(count, 0, MAX_TEXT)));
        length += Math.max(0, count - MAX_TEXT);
    }

    private boolean conversion() {
        position++;
        if (peek() == '%') {
            position++;
            append("%");
            return true;
        }
        int flags = position;
        while (peek() == '0' || peek() == '+' || peek() == '-' || peek() == ' ') {
            position++;
        }
        String given = new String(format, flags, position - flags, StandardCharsets.US_ASCII);
        int width = 0;
        while (peek() >= '0' && peek() <= '9') {
            width = Math.min(MAX_WIDTH, width * 10 + peek() - '0');
            position++;
        }
        if (used == values.length) {
            return false;
        }
        return conversion(given, width, values[used++]);
    }

    private boolean conversion(String flags, int width, long value) {
        int longs = 0;
        while (peek() == 'l' && longs < 2) {
            longs++;
            position++;
        }
        int letter = peek();
        String shown = longs > 0 && (letter == 'c' || letter == 'p' || letter == 's') ? null : shown(letter, longs > 0, value);
        if (shown == null) {
            return false;
        }
        position++;
        String extension = letter == 'p' ? pointerExtension() : "";
        if (extension == null) {
            return false;
        }
        boolean raw = extension.equals("x");
        boolean full = raw && width == 0;
        boolean zeros = (flags.contains("0") || full) && !flags.contains("-") && letter != 'c' && letter != 's';
        boolean signed = letter == 'd' || letter == 'i';
        String sign = !signed ? "" : shown.startsWith("-") ? "-" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        String digits = shown.startsWith("-") ? shown.substring(1) : shown;
        if (raw) {
            digits = Long.toHexString(value);
        }
        long padding = (full ? 2 * Long.BYTES : width) - sign.length() - digits.length();
        if (!zeros && !flags.contains("-")) {
            pad(' ', padding);
        }
        append(sign);
        if (zeros) {
            pad('0', padding);
        }
        append(digits);
        if (flags.contains("-")) {
            pad(' ', padding);
        }
        return true;
    }

    /** What follows a p, as in %pI4 or %pks; null if it is none that there is. */
    private String pointerExtension() {
        int start = position;
        while (Character.isLetterOrDigit(peek())) {
            position++;
        }
        String rest = new String(format, start, position - start, StandardCharsets.US_ASCII);
        for (String extension : EXTENSIONS) {
            if (rest.startsWith(extension)) {
                position = start + extension.length();
                return extension;
            }
        }
        return rest.isEmpty() ? "" : null;
    }

    private int peek() {
        return position < end ? format[position] : -1;
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
