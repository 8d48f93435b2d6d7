package org.trufflebpf.io.tap;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.trufflebpf.io.net.IpAddress;

/**
 * A TAP interface as it is wanted.
 *
 * @param device its name, see {@link #isName}
 * @param ifindex the port's interface number, which need not be the kernel's
 * @param mac its Ethernet address in the low 48 bits, the first byte the most significant one; {@link #ANY_MAC} if that does not matter
 * @param macOf name of the interface that it has its Ethernet address of, or null
 * @param addresses at most one of each family
 * @param mtu most bytes of a packet without the Ethernet header, 0 for the usual
 * @param up whether it is switched on even if it was there before; one that is made for the port always is
 */
public record TapSettings(String device, int ifindex, long mac, String macOf, List<Address> addresses, int mtu, boolean up) {
    public static final long ANY_MAC = -1;
    /** Of a name, in bytes: IFNAMSIZ less the zero at its end. */
    public static final int LONGEST_NAME = 15;

    public TapSettings {
        addresses = List.copyOf(addresses);
    }

    /** An address of an interface and how many of its bits its network has. */
    public record Address(IpAddress address, int length) {
        /**
         * Reads {@code 10.0.0.1/24}; without a length it is a network of its own.
         *
         * @throws IllegalArgumentException if it is none
         */
        public static Address parse(String text) {
            int slash = text.indexOf('/');
            IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
            String length = slash < 0 ? Integer.toString(address.bits()) : text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > address.bits()) {
                throw new IllegalArgumentException("'" + text + "' has no length from 0 to " + address.bits() + " after the /");
            }
            return new Address(address, Integer.parseInt(length));
        }
    }

    /** Whether the kernel takes it as an interface's name as it is; a % would make it choose another. */
    public static boolean isName(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME && text.matches("[^\\s/:%\\p{Cntrl}]+") && !text.matches("\\.{1,2}");
    }

    /** With the Ethernet address of another interface. */
    public TapSettings withMacOf(String name) {
        return new TapSettings(device, ifindex, ANY_MAC, name, addresses, mtu, up);
    }

    /** With an Ethernet address. */
    public TapSettings withMac(long address) {
        return new TapSettings(device, ifindex, address, null, addresses, mtu, up);
    }

    /** For messages. */
    public String name() {
        return "tap:" + device;
    }
}
