package org.trufflebpf.language.helpers;

import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.maps.Errno;

/**
 * What bpf_strtol and bpf_strtoul make of a text (__bpf_strtoull in kernel/bpf/helpers.c).
 *
 * @param result bytes used, or a negative error
 * @param value 0 with an error
 */
record NumberText(long result, long value) {
    private static final long BASE_MASK = 0x1f;
    /** What the kernel copies of the digits at most. */
    private static final int MAX_DIGITS = 63;

    static NumberText parse(long address, long length, long flags, boolean signed) {
        int base = (int) (flags & BASE_MASK);
        if (length == 0 || (base != 0 && base != 8 && base != 10 && base != 16) || (flags & ~BASE_MASK) != 0) {
            return error(Errno.EINVAL);
        }
        int start = 0;
        while (start < length && isSpace(at(address, start, length))) {
            start++;
        }
        boolean negative = at(address, start, length) == '-';
        if (negative) {
            start++;
        }
        if (start == length) {
            return error(Errno.EINVAL);
        }
        long end = Math.min(length, start + (long) MAX_DIGITS);
        NumberText digits = digits(address, start, end, base);
        if (digits.result < 0) {
            return digits;
        }
        if (!signed) {
            return negative ? error(Errno.EINVAL) : digits;
        }
        long value = negative ? -digits.value : digits.value;
        return (negative ? value > 0 : value < 0) ? error(Errno.ERANGE) : new NumberText(digits.result, value);
    }

    private static NumberText digits(long address, int start, long end, int givenBase) {
        boolean hexPrefix = at(address, start, end) == '0' && (at(address, start + 1, end) | 0x20) == 'x';
        int base = givenBase;
        if (base == 0) {
            base = at(address, start, end) != '0' ? 10 : hexPrefix && digit(at(address, start + 2, end)) < 16 ? 16 : 8;
        }
        int first = base == 16 && hexPrefix ? start + 2 : start;
        long value = 0;
        boolean overflow = false;
        int position = first;
        for (int digit = digit(at(address, position, end)); digit < base; digit = digit(at(address, position, end))) {
            if (value >>> 60 != 0 && Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0) {
                overflow = true;
            }
            value = value * base + digit;
            position++;
        }
        if (overflow) {
            return error(Errno.ERANGE);
        }
        return position == first ? error(Errno.EINVAL) : new NumberText(position, value);
    }

    private static NumberText error(int errno) {
        return new NumberText(-errno, 0);
    }

    /** The byte at an index, 0 from {@code end} on. */
    private static int at(long address, long index, long end) {
        return index < end ? Memory.getByte(address + index) & 0xff : 0;
    }

    private static int digit(int letter) {
        int lower = letter | 0x20;
        if (letter >= '0' && letter <= '9') {
            return letter - '0';
        }
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : Integer.MAX_VALUE;
    }

    private static boolean isSpace(int letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r' || letter == 0xa0;
    }
}
