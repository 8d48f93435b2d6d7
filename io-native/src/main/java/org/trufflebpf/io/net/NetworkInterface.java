package org.trufflebpf.io.net;

import java.util.List;

/**
 * A network interface.
 *
 * @param index its number, at least 1
 * @param mac its 48 bits, the first byte the most significant one
 * @param mtu most bytes of a packet without the link's header
 * @param mtu6 the same for IPv6; 0 where IPv6 is off
 * @param headerLength of the link, in bytes: 14 for Ethernet
 * @param isUp whether its routes are used
 * @param nameless whether all its IPv4 neighbours are one, as for loopback and point-to-point links
 */
public record NetworkInterface(int index, String name, long mac, int mtu, int mtu6, int headerLength, boolean isUp, boolean nameless,
        boolean forwardsIpv4, boolean forwardsIpv6, List<Address> addresses) {
    /** Of Ethernet. */
    public static final int ETHERNET_HEADER = 14;
    public static final int ETHERNET_MTU = 1500;

    /** RT_SCOPE_UNIVERSE, RT_SCOPE_LINK and RT_SCOPE_HOST: the higher, the closer. */
    public static final int SCOPE_UNIVERSE = 0;
    public static final int SCOPE_LINK = 253;
    public static final int SCOPE_HOST = 254;

    public NetworkInterface {
        addresses = List.copyOf(addresses);
    }

    /** An Ethernet interface of which no more is known, as a port that nobody described. */
    public static NetworkInterface unknown(int index) {
        return new NetworkInterface(index, "port" + index, 0, ETHERNET_MTU, ETHERNET_MTU, ETHERNET_HEADER, true, false, false, false, List.of());
    }

    /**
     * An address of an interface.
     *
     * @param prefix the network that it lies in
     * @param secondary whether it is not to be chosen as a source
     */
    public record Address(IpAddress address, Prefix prefix, int scope, boolean secondary) {
    }
}
