package org.trufflebpf.language.run;

import java.math.BigDecimal;

/** Numbers that people write in options. */
final class Numbers {
    private static final BigDecimal NANOSECONDS = BigDecimal.valueOf(1_000_000_000);
    private static final int LONGEST = 32;

    private Numbers() {
    }

    /**
     * A whole number, decimal or hexadecimal with 0x.
     *
     * @param what names it in messages
     * @throws CommandException for wrong usage
     */
    static long inRange(String what, String text, long least, long most) {
        try {
            long number = text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        String range = most < Long.MAX_VALUE ? " from " + least + " to " + most : least > Long.MIN_VALUE ? " from " + least + " on" : "";
        throw CommandException.usage(what + " must be a whole number" + range + ", not '" + text + "'");
    }

    /** A whole number from 1 on, for which people may write K, M or G: 2.5M is 2,500,000. */
    static long scaled(String what, String text) {
        int thousands = text.isEmpty() ? 0 : 1 + "KMG".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        String digits = thousands == 0 ? text : text.substring(0, text.length() - 1);
        try {
            // 1e999999999 would take for ever to multiply out.
            if (digits.length() <= LONGEST && digits.matches("[0-9]+(\\.[0-9]+)?")) {
                long number = new BigDecimal(digits).scaleByPowerOfTen(3 * thousands).longValueExact();
                if (number > 0) {
                    return number;
                }
            }
        } catch (ArithmeticException e) {
            // Said below.
        }
        throw CommandException.usage(what + " must be a whole number above 0, such as 1000, 20K, 2.5M or 1G, not '" + text + "'");
    }

    /** Seconds, whole or not, as nanoseconds. */
    static long seconds(String what, String text) {
        try {
            // 1e999999999 would take for ever to multiply out.
            boolean harmless = text.length() <= LONGEST && !text.contains("e") && !text.contains("E");
            BigDecimal nanoseconds = harmless ? new BigDecimal(text).multiply(NANOSECONDS) : BigDecimal.ZERO;
            if (nanoseconds.signum() > 0 && nanoseconds.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
                return nanoseconds.longValue();
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw CommandException.usage(what + " must be a number of seconds above 0, not '" + text + "'");
    }
}
