package org.trufflebpf.io.net;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * An IPv4 or IPv6 address as 128 bits, the first byte the most significant one; an IPv4 address has the highest 32.
 *
 * @param high its first eight bytes
 * @param low its last eight, 0 for IPv4
 */
public record IpAddress(boolean ipv6, long high, long low) {
    public static final int IPV4_BITS = 32;
    public static final int IPV6_BITS = 128;

    /** @param address as a packet has it, most significant byte first */
    public static IpAddress ofIpv4(int address) {
        return new IpAddress(false, (long) address << 32, 0);
    }

    /** @param bytes 4 or 16, as a packet has them */
    public static IpAddress of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> ofIpv4(buffer.getInt());
            case 16 -> new IpAddress(true, buffer.getLong(), buffer.getLong());
            default -> throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    /**
     * Reads {@code 10.0.0.1} or {@code 2001:db8::1}; no name is looked up.
     *
     * @throws IllegalArgumentException if it is no address
     */
    public static IpAddress parse(String text) {
        boolean looksLikeAddress = text.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
        try {
            if (looksLikeAddress) {
                InetAddress address = InetAddress.ofLiteral(text);
                if (address instanceof Inet4Address && text.indexOf(':') < 0 && text.chars().filter(letter -> letter == '.').count() != 3) {
                    throw new IllegalArgumentException("'" + text + "' is no address");
                }
                byte[] bytes = address.getAddress();
                // ::ffff:10.0.0.1 comes as an IPv4 address.
                boolean mapped = bytes.length == 4 && text.indexOf(':') >= 0;
                return mapped ? new IpAddress(true, 0, 0xffff_0000_0000L | ByteBuffer.wrap(bytes).getInt() & 0xffff_ffffL) : of(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException("'" + text + "' is no address");
    }

    /** 4 or 16, as a packet has them. */
    public byte[] bytes() {
        return ipv6 ? ByteBuffer.allocate(16).putLong(high).putLong(low).array()
                : ByteBuffer.allocate(4).putInt((int) (high >>> Integer.SIZE)).array();
    }

    public int bits() {
        return ipv6 ? IPV6_BITS : IPV4_BITS;
    }

    /** The bits of {@code high} that a prefix of {@code length} bits says. */
    static long highMask(int length) {
        return length == 0 ? 0 : length >= Long.SIZE ? -1L : -1L << Long.SIZE - length;
    }

    static long lowMask(int length) {
        return length <= Long.SIZE ? 0 : highMask(length - Long.SIZE);
    }
}
