package org.trufflebpf.language.helpers;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.maps.Errno;

/**
 * The printf dialect of bpf_trace_printk, bpf_trace_vprintk and bpf_snprintf (bpf_bprintf_prepare and bstr_printf of Linux 6.18): %d, %i, %u, %x and
 * %X with l and ll, %c, %s, %% and %p with its extensions, with the flags 0, -, + and space and a width.
 *
 * <p>Kernel symbols have no names here, so %ps, %pS and %pB show the number, as the kernel does for what is no symbol. Memory of user space (%pus)
 * is as empty as for a kernel thread.
 */
final class PrintFormat {
    /** MAX_BPRINTF_BIN_ARGS: what the values of a call and the texts that they point to may take together, in bytes. */
    private static final int MAX_ARGUMENTS = 512;
    /** FIELD_WIDTH_MAX in the kernel. */
    private static final int MAX_WIDTH = (1 << 23) - 1;
    /** Bytes of text that most lines have room in; longer ones make the buffer grow. */
    private static final int FIRST_ROOM = 128;
    private static final int HEX_DIGITS = 2 * Long.BYTES;

    private final byte[] format;
    private final int end;
    private final long[] values;
    private final ReadableMemory memory;
    /** Of the buffer, with the terminating zero. */
    private final int size;
    private byte[] text;
    private int length;
    private int position;
    private int used;
    /** Bytes that are left for values; the kernel copies them before it prints. */
    private int room = MAX_ARGUMENTS;
    private int error;

    private PrintFormat(byte[] format, int end, long[] values, ReadableMemory memory, int size) {
        this.format = format;
        this.end = end;
        this.values = values;
        this.memory = memory;
        this.size = size;
        this.text = new byte[Math.clamp(size - 1L, 0, FIRST_ROOM)];
    }

    /**
     * What is printed.
     *
     * @param text cut to the size, without the terminating zero
     * @param length what it would be uncut, or a negative error
     */
    record Line(byte[] text, int length) {
    }

    /**
     * Prints. Errors are EINVAL for a format without a terminating zero, with other than ASCII, with an unknown conversion or more conversions than
     * values, and ENOSPC when the values take too much.
     *
     * @param size of the buffer that it is for, in bytes with the terminating zero
     */
    static Line print(byte[] format, long[] values, ReadableMemory memory, int size) {
        int end = 0;
        while (end < format.length && format[end] != 0) {
            if (!isPrintable(format[end]) && !isSpace(format[end])) {
                return new Line(new byte[0], -Errno.EINVAL);
            }
            end++;
        }
        if (end == format.length) {
            return new Line(new byte[0], -Errno.EINVAL);
        }
        PrintFormat printer = new PrintFormat(format, end, values, memory, size);
        printer.run();
        return printer.error != 0 ? new Line(new byte[0], -printer.error)
                        : new Line(Arrays.copyOf(printer.text, Math.min(printer.length, printer.text.length)), printer.length);
    }

    private void run() {
        while (position < end && error == 0) {
            byte letter = format[position++];
            if (letter != '%') {
                append(letter);
            } else if (peek() == '%') {
                position++;
                append('%');
            } else {
                conversion();
            }
        }
    }

    private void append(int letter) {
        if (hasRoom(1)) {
            text[length] = (byte) letter;
        }
        length++;
    }

    /** Whether something of {@code count} bytes more is to be kept; there is room for it then. */
    private boolean hasRoom(int count) {
        if (length >= size - 1) {
            return false;
        }
        if (length + count > text.length) {
            text = Arrays.copyOf(text, Math.min(size - 1, 2 * (length + count)));
        }
        return true;
    }

    private void append(byte[] bytes) {
        for (byte letter : bytes) {
            append(letter);
        }
    }

    private void pad(char letter, int count) {
        if (count > 0) {
            if (hasRoom(count)) {
                Arrays.fill(text, length, Math.min(text.length, length + count), (byte) letter);
            }
            length += count;
        }
    }

    private void conversion() {
        Field field = field();
        if (used == values.length) {
            error = Errno.EINVAL;
            return;
        }
        long value = values[used++];
        int letter = peek();
        position++;
        switch (letter) {
            case 'p' -> pointer(field, value);
            case 's' -> {
                if (endsWord(peek())) {
                    field.print(string(value));
                } else {
                    error = Errno.EINVAL;
                }
            }
            case 'c' -> {
                take(1, false);
                field.print(new byte[]{(byte) value});
            }
            default -> {
                position--;
                number(field, value);
            }
        }
    }

    /** Flags and width. */
    private Field field() {
        Field field = new Field();
        for (int flag = peek(); flag == '0' || flag == '+' || flag == '-' || flag == ' '; flag = peek()) {
            field.zeros |= flag == '0';
            field.plus |= flag == '+';
            field.left |= flag == '-';
            field.blank |= flag == ' ';
            position++;
        }
        while (peek() >= '0' && peek() <= '9') {
            field.width = Math.min(MAX_WIDTH, field.width * 10 + peek() - '0');
            position++;
        }
        return field;
    }

    private void number(Field field, long value) {
        int longs = 0;
        while (peek() == 'l' && longs < 2) {
            longs++;
            position++;
        }
        boolean wide = longs > 0;
        long unsigned = wide ? value : value & 0xffff_ffffL;
        long signed = wide ? value : (int) value;
        int letter = peek();
        position++;
        take(wide ? Long.BYTES : Integer.BYTES, true);
        switch (letter) {
            case 'd', 'i' -> field.print(signed < 0 ? '-' : field.plus ? '+' : field.blank ? ' ' : 0, Long.toUnsignedString(Math.abs(signed)));
            case 'u' -> field.print(0, Long.toUnsignedString(unsigned));
            case 'x' -> field.print(0, Long.toHexString(unsigned));
            case 'X' -> field.print(0, Long.toHexString(unsigned).toUpperCase(Locale.ROOT));
            default -> error = Errno.EINVAL;
        }
    }

    private void pointer(Field field, long value) {
        int kind = peek();
        int next = position + 1 < end ? format[position + 1] : -1;
        if (endsWord(kind)) {
            take(Long.BYTES, true);
            address(field, hashed(value));
        } else if ((kind == 'k' || kind == 'u') && next == 's') {
            position += 2;
            if (!endsWord(peek())) {
                error = Errno.EINVAL;
                return;
            }
            plain(kind == 'k' ? string(value) : string(0));
        } else if (kind == 'x' || kind == 'K') {
            take(Long.BYTES, true);
            address(field, kind == 'x' ? value : hashed(value));
        } else if (kind == 's' || kind == 'S') {
            take(Long.BYTES, true);
            field.print(symbol(value));
        } else if (kind == 'B') {
            plain(symbol(value));
            room -= symbol(value).length + 1;
        } else if ((kind == 'i' || kind == 'I') && (next == '4' || next == '6')) {
            plain(ipAddress(value, next == '4' ? 4 : 16, kind == 'i'));
        } else {
            error = Errno.EINVAL;
        }
        // bstr_printf skips what looks like more of the extension, too.
        while (Character.isLetterOrDigit(peek())) {
            position++;
        }
    }

    /** Texts that the kernel made before it prints: without a width, and not even counted when there is no room. */
    private void plain(byte[] bytes) {
        if (length < size) {
            append(bytes);
        }
    }

    private void address(Field field, long value) {
        if (field.width == 0) {
            field.width = HEX_DIGITS;
            field.zeros = true;
        }
        field.print(0, Long.toHexString(value));
    }

    /** Plain %p hides addresses behind a number of 32 bits (ptr_to_id in lib/vsprintf.c), but shows NULL and errors. */
    private static long hashed(long value) {
        boolean isNullOrError = value == 0 || value >= -4095 && value < 0;
        return isNullOrError ? value : (value * 0x9E37_79B9_7F4A_7C15L) >>> 32;
    }

    private static byte[] symbol(long value) {
        return ascii("0x" + Long.toHexString(value));
    }

    /** The zero-terminated text at an address; nothing where there is no memory of the program. */
    private byte[] string(long address) {
        if (room <= 0) {
            error = Errno.ENOSPC;
            return new byte[0];
        }
        byte[] bytes = new byte[room];
        int count = 0;
        while (count < room - 1 && memory.canRead(address + count, 1) && Memory.getByte(address + count) != 0) {
            bytes[count] = Memory.getByte(address + count);
            count++;
        }
        if (count < room - 1 && !memory.canRead(address + count, 1)) {
            count = 0;
        }
        room -= count + 1;
        return Arrays.copyOf(bytes, count);
    }

    private byte[] ipAddress(long address, int size, boolean dense) {
        if (room < size) {
            error = Errno.ENOSPC;
            return new byte[0];
        }
        byte[] bytes = memory.canRead(address, size) ? Memory.bytes(address, size) : new byte[size];
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < size; i++) {
            int number = bytes[i] & 0xff;
            if (size == 4) {
                shown.append(i == 0 ? "" : ".").append(dense ? String.format(Locale.ROOT, "%03d", number) : Integer.toString(number));
            } else {
                shown.append(i == 0 || i % 2 == 1 || dense ? "" : ":").append(String.format(Locale.ROOT, "%02x", number));
            }
        }
        room -= shown.length() + 1;
        return ascii(shown.toString());
    }

    private void take(int bytes, boolean aligned) {
        if (aligned) {
            room &= -Integer.BYTES;
        }
        if (room < bytes) {
            error = Errno.ENOSPC;
        }
        room -= bytes;
    }

    private int peek() {
        return position < end ? format[position] : -1;
    }

    private static boolean endsWord(int letter) {
        return letter == -1 || isSpace(letter) || isPrintable(letter) && !Character.isLetterOrDigit(letter);
    }

    private static boolean isPrintable(int letter) {
        return letter >= ' ' && letter < 0x7f;
    }

    private static boolean isSpace(int letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r';
    }

    private static byte[] ascii(String shown) {
        return shown.getBytes(StandardCharsets.US_ASCII);
    }

    /** How wide a conversion is and what fills it up. */
    private final class Field {
        int width;
        boolean zeros;
        boolean plus;
        boolean left;
        boolean blank;

        void print(byte[] shown) {
            int padding = width - shown.length;
            if (!left) {
                pad(' ', padding);
            }
            append(shown);
            if (left) {
                pad(' ', padding);
            }
        }

        /** @param sign 0 for none */
        void print(int sign, String digits) {
            int padding = width - digits.length() - (sign == 0 ? 0 : 1);
            if (!left && !zeros) {
                pad(' ', padding);
            }
            if (sign != 0) {
                append(sign);
            }
            if (!left && zeros) {
                pad('0', padding);
            }
            append(ascii(digits));
            if (left) {
                pad(' ', padding);
            }
        }
    }
}
