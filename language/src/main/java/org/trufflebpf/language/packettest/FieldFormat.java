package org.trufflebpf.language.packettest;

import java.math.BigInteger;
import java.util.HexFormat;
import org.trufflebpf.io.net.IpAddress;

/** How people write and read the values of header fields. */
public enum FieldFormat {
    NUMBER("a number"),
    HEX("a number"),
    MAC("a MAC address such as 02:00:00:00:00:01"),
    IPV4("an IPv4 address such as 10.0.0.1"),
    IPV6("an IPv6 address such as 2001:db8::1"),
    TCP_FLAGS("flags out of FSRPAUEC, or a number"),
    BYTES("hexadecimal bytes such as 0101080a");

    /** Least significant bit first. */
    private static final String TCP_FLAG_LETTERS = "FSRPAUEC";

    private final String description;

    FieldFormat(String description) {
        this.description = description;
    }

    /** For error messages: 'expected ...'. */
    public String description() {
        return description;
    }

    /**
     * The value that {@code text} means, right-aligned in {@code (bits + 7) / 8} bytes, most significant first; null if it means none or does
     * not fit.
     *
     * @param bits the field's width; not used for {@link #BYTES}
     */
    byte[] parse(String text, int bits) {
        return switch (this) {
            case NUMBER, HEX -> toBytes(parseNumber(text), bits);
            case MAC -> parseMac(text);
            case IPV4 -> parseIpv4(text);
            case IPV6 -> parseIpv6(text);
            case TCP_FLAGS -> parseFlags(text, bits);
            case BYTES -> parseHex(text);
        };
    }

    /** As {@link #parse} takes it. */
    String print(byte[] value) {
        return switch (this) {
            case NUMBER -> new BigInteger(1, value).toString();
            case HEX -> "0x" + HexFormat.of().formatHex(value);
            case MAC -> HexFormat.ofDelimiter(":").formatHex(value);
            case IPV4 -> (value[0] & 0xff) + "." + (value[1] & 0xff) + "." + (value[2] & 0xff) + "." + (value[3] & 0xff);
            case IPV6 -> printIpv6(value);
            case TCP_FLAGS -> printFlags(value[0]);
            case BYTES -> HexFormat.of().formatHex(value);
        };
    }

    /** Decimal or, after 0x, hexadecimal; a minus sign may come first. Null if it is not a number or has more than 20 digits. */
    static BigInteger parseNumber(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative ? text.substring(1) : text;
        boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
        digits = hex ? digits.substring(2) : digits;
        // 20 digits hold any 64-bit number; more would only cost time.
        if (digits.isEmpty() || digits.length() > 20 || !digits.chars().allMatch(c -> hex ? isHexDigit(c) : c >= '0' && c <= '9')) {
            return null;
        }
        BigInteger number = new BigInteger(digits, hex ? 16 : 10);
        return negative ? number.negate() : number;
    }

    /** Bytes of an even number of hexadecimal digits, or null. */
    static byte[] parseHex(String text) {
        return text.length() % 2 == 0 && text.chars().allMatch(FieldFormat::isHexDigit) ? HexFormat.of().parseHex(text) : null;
    }

    static byte[] parseMac(String text) {
        String[] parts = text.split(":", -1);
        byte[] value = new byte[6];
        if (parts.length != value.length) {
            return null;
        }
        for (int i = 0; i < value.length; i++) {
            byte[] part = parts[i].length() == 2 ? parseHex(parts[i]) : null;
            if (part == null) {
                return null;
            }
            value[i] = part[0];
        }
        return value;
    }

    static byte[] parseIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] value = new byte[4];
        if (parts.length != value.length) {
            return null;
        }
        for (int i = 0; i < value.length; i++) {
            if (parts[i].isEmpty() || parts[i].length() > 3 || !parts[i].chars().allMatch(c -> c >= '0' && c <= '9')
                    || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            value[i] = (byte) Integer.parseInt(parts[i]);
        }
        return value;
    }

    static byte[] parseIpv6(String text) {
        try {
            return text.contains(":") ? IpAddress.parse(text).bytes() : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] parseFlags(String text, int bits) {
        int flags = 0;
        for (char letter : text.toCharArray()) {
            int bit = TCP_FLAG_LETTERS.indexOf(letter);
            if (bit < 0) {
                return toBytes(parseNumber(text), bits);
            }
            flags |= 1 << bit;
        }
        return new byte[] {(byte) flags};
    }

    private static String printFlags(byte flags) {
        StringBuilder letters = new StringBuilder();
        for (int bit = 0; bit < 8; bit++) {
            if ((flags >> bit & 1) != 0) {
                letters.append(TCP_FLAG_LETTERS.charAt(bit));
            }
        }
        return letters.isEmpty() ? "0" : letters.toString();
    }

    /** Eight groups, the longest run of two or more zero groups (the first of several) as '::' (RFC 5952). */
    private static String printIpv6(byte[] value) {
        int[] groups = new int[8];
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            groups[i] = (value[2 * i] & 0xff) << 8 | value[2 * i + 1] & 0xff;
        }
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static byte[] toBytes(BigInteger number, int bits) {
        if (number == null || number.signum() < 0 || number.bitLength() > bits) {
            return null;
        }
        byte[] value = new byte[(bits + 7) / 8];
        for (int i = 0; i < value.length; i++) {
            value[value.length - 1 - i] = number.shiftRight(8 * i).byteValue();
        }
        return value;
    }

    private static boolean isHexDigit(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }
}
