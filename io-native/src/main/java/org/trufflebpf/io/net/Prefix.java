package org.trufflebpf.io.net;

/**
 * Addresses that begin alike.
 *
 * @param address its bits beyond {@code length} are 0
 * @param length in bits
 */
public record Prefix(IpAddress address, int length) {
    public Prefix {
        if (length < 0 || length > address.bits()) {
            throw new IllegalArgumentException("a prefix has 0 to " + address.bits() + " bits, not " + length);
        }
        address = new IpAddress(address.ipv6(), address.high() & IpAddress.highMask(length), address.low() & IpAddress.lowMask(length));
    }

    /** All addresses of a family. */
    public static Prefix all(boolean ipv6) {
        return new Prefix(new IpAddress(ipv6, 0, 0), 0);
    }

    public static Prefix host(IpAddress address) {
        return new Prefix(address, address.bits());
    }

    /**
     * Reads {@code 10.0.0.0/8}; without a length it is one address.
     *
     * @throws IllegalArgumentException if it is no prefix
     */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        String length = slash < 0 ? "" : text.substring(slash + 1);
        if (slash >= 0 && !length.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is no prefix");
        }
        return slash < 0 ? host(address) : new Prefix(address, Integer.parseInt(length));
    }

    public boolean contains(IpAddress other) {
        return other.ipv6() == address.ipv6() && contains(other.high(), other.low());
    }

    /** Of the same family. */
    boolean contains(long high, long low) {
        return (high & IpAddress.highMask(length)) == address.high() && (low & IpAddress.lowMask(length)) == address.low();
    }

    /** The first eight bytes of its last address. */
    long lastHigh() {
        return address.high() | ~IpAddress.highMask(length);
    }

    long lastLow() {
        return address.low() | ~IpAddress.lowMask(length);
    }
}
