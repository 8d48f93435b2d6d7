package org.trufflebpf.io.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Neighbour;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.NetworkTables;
import org.trufflebpf.io.net.Prefix;
import org.trufflebpf.io.net.Route;
import org.trufflebpf.io.net.Route.NextHop;
import org.trufflebpf.io.net.RoutingRule;

/**
 * Makes tables of rtnetlink's messages (linux/rtnetlink.h and its neighbours). A message that is too short, or that says what cannot be followed
 * here, is left out; none makes an exception.
 */
final class RouteMessages {
    static final int NEW_LINK = 16;
    static final int NEW_ADDRESS = 20;
    static final int NEW_ROUTE = 24;
    static final int NEW_NEIGHBOUR = 28;
    static final int NEW_RULE = 32;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IFF_UP = 1;
    private static final int IFF_LOOPBACK = 8;
    private static final int IFF_POINTOPOINT = 0x10;
    private static final int ARPHRD_ETHER = 1;
    private static final int ARPHRD_LOOPBACK = 772;
    private static final int IFA_F_SECONDARY = 1;
    /** IFA_F_TENTATIVE, IFA_F_DADFAILED and IFA_F_DEPRECATED: not to be used as a source. */
    private static final int IFA_F_UNUSABLE = 0x40 | 0x08 | 0x20;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTNH_F_DEAD = 1;
    private static final int RTAX_LOCK = 1;
    private static final int RTAX_MTU = 2;
    /** NUD_VALID: the link address is known. */
    private static final int NUD_VALID = 0xde;
    private static final int FIB_RULE_INVERT = 2;
    private static final int MAX_PORT = 0xffff;

    private final Map<Integer, Link> links = new TreeMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<Neighbour> neighbours = new ArrayList<>();
    private final List<RuleMessage> rules = new ArrayList<>();

    private record Link(NetworkInterface port, List<NetworkInterface.Address> addresses) {
    }

    /** Interfaces are named in rules, so these wait until all are known. */
    private record RuleMessage(boolean ipv6, ByteBuffer header, Map<Integer, ByteBuffer> attributes) {
    }

    /** @param contents what follows the message's header */
    void add(int type, ByteBuffer contents) {
        try {
            switch (type) {
                case NEW_LINK -> link(contents, attributes(contents, 16));
                case NEW_ADDRESS -> address(contents, attributes(contents, 8));
                case NEW_ROUTE -> route(contents, attributes(contents, 12));
                case NEW_NEIGHBOUR -> neighbour(contents, attributes(contents, 12));
                case NEW_RULE -> {
                    int family = contents.get(0);
                    if (family == AF_INET || family == AF_INET6) {
                        rules.add(new RuleMessage(family == AF_INET6, contents, attributes(contents, 12)));
                    }
                }
                default -> {
                }
            }
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            // Shorter than it has to be, or an address of the wrong size.
        }
    }

    /** All that was added. */
    NetworkTables tables() {
        List<NetworkInterface> interfaces = new ArrayList<>();
        Map<String, Integer> byName = new HashMap<>();
        for (Link link : links.values()) {
            NetworkInterface port = link.port;
            byName.put(port.name(), port.index());
            interfaces.add(new NetworkInterface(port.index(), port.name(), port.mac(), port.mtu(), port.mtu6(), port.headerLength(), port.isUp(),
                    port.nameless(), port.forwardsIpv4(), port.forwardsIpv6(), link.addresses));
        }
        List<RoutingRule> read = new ArrayList<>();
        for (RuleMessage rule : rules) {
            try {
                rule(rule, byName, read);
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                // As above.
            }
        }
        return new NetworkTables(interfaces, routes, neighbours, read);
    }

    /** struct rtattr: u16 length with its four bytes, u16 type; the last of a type counts. */
    private static Map<Integer, ByteBuffer> attributes(ByteBuffer contents, int start) {
        Map<Integer, ByteBuffer> attributes = new HashMap<>();
        int at = start;
        while (at + 4 <= contents.limit()) {
            int length = Short.toUnsignedInt(contents.getShort(at));
            if (length < 4 || length > contents.limit() - at) {
                break;
            }
            // The two highest bits are flags.
            attributes.put(contents.getShort(at + 2) & 0x3fff, contents.slice(at + 4, length - 4).order(ByteOrder.LITTLE_ENDIAN));
            at += length + 3 & ~3;
        }
        return attributes;
    }

    private static Map<Integer, ByteBuffer> nested(Map<Integer, ByteBuffer> attributes, int type) {
        ByteBuffer value = attributes.get(type);
        return value == null ? Map.of() : attributes(value, 0);
    }

    private static int number(Map<Integer, ByteBuffer> attributes, int type, int otherwise) {
        ByteBuffer value = attributes.get(type);
        return value == null ? otherwise : value.getInt(0);
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.limit()];
        value.get(0, bytes);
        return bytes;
    }

    private static String text(ByteBuffer value) {
        String text = value == null ? "" : new String(bytes(value), StandardCharsets.UTF_8);
        int end = text.indexOf(0);
        return end < 0 ? text : text.substring(0, end);
    }

    private static IpAddress ip(Map<Integer, ByteBuffer> attributes, int type) {
        ByteBuffer value = attributes.get(type);
        return value == null ? null : IpAddress.of(bytes(value));
    }

    private static Prefix prefix(Map<Integer, ByteBuffer> attributes, int type, int length, boolean ipv6) {
        IpAddress address = ip(attributes, type);
        return address == null ? Prefix.all(ipv6) : new Prefix(address, length);
    }

    /** The first six bytes; other links' addresses are longer. */
    private static long mac(ByteBuffer value) {
        return value == null || value.limit() < 6 ? 0 : value.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(0) * 0x1_0000_0000L & 0xffff_0000_0000L
                | value.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(2) & 0xffff_ffffL;
    }

    /** struct ifinfomsg. */
    private void link(ByteBuffer header, Map<Integer, ByteBuffer> attributes) {
        int type = Short.toUnsignedInt(header.getShort(2));
        int index = header.getInt(4);
        int flags = header.getInt(8);
        Map<Integer, ByteBuffer> families = nested(attributes, 26);
        // IFLA_INET_CONF begins with IPV4_DEVCONF_FORWARDING; IFLA_INET6_CONF with DEVCONF_FORWARDING, and DEVCONF_MTU6 is the third.
        ByteBuffer ipv4 = nested(families, AF_INET).get(1);
        ByteBuffer ipv6 = nested(families, AF_INET6).get(2);
        int headerLength = type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK ? NetworkInterface.ETHERNET_HEADER : 0;
        NetworkInterface port = new NetworkInterface(index, text(attributes.get(3)), mac(attributes.get(1)), number(attributes, 4, 0),
                ipv6 == null ? 0 : ipv6.getInt(8), headerLength, (flags & IFF_UP) != 0, (flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0,
                ipv4 != null && ipv4.getInt(0) != 0, ipv6 != null && ipv6.getInt(0) != 0, List.of());
        links.put(index, new Link(port, new ArrayList<>()));
    }

    /** struct ifaddrmsg. */
    private void address(ByteBuffer header, Map<Integer, ByteBuffer> attributes) {
        Link link = links.get(header.getInt(4));
        IpAddress network = ip(attributes, 1);
        IpAddress local = ip(attributes, 2);
        IpAddress address = local != null ? local : network;
        int flags = number(attributes, 8, header.get(2));
        boolean usable = header.get(0) != AF_INET6 || (flags & IFA_F_UNUSABLE) == 0;
        if (link != null && address != null && usable) {
            Prefix prefix = new Prefix(network != null ? network : address, header.get(1) & 0xff);
            boolean secondary = header.get(0) == AF_INET && (flags & IFA_F_SECONDARY) != 0;
            link.addresses.add(new NetworkInterface.Address(address, prefix, header.get(3) & 0xff, secondary));
        }
    }

    /** struct rtmsg. */
    private void route(ByteBuffer header, Map<Integer, ByteBuffer> attributes) {
        int family = header.get(0);
        int type = header.get(7) - 1;
        boolean fromSomewhere = header.get(2) != 0;
        if (family != AF_INET && family != AF_INET6 || type < 0 || type >= Route.Type.values().length || fromSomewhere
                || (header.getInt(8) & RTM_F_CLONED) != 0) {
            return;
        }
        boolean ipv6 = family == AF_INET6;
        Map<Integer, ByteBuffer> metrics = nested(attributes, 8);
        boolean locked = (number(metrics, RTAX_LOCK, 0) & 1 << RTAX_MTU) != 0;
        int lockedMtu = locked ? number(metrics, RTAX_MTU, 0) : 0;
        int tos = ipv6 ? 0 : header.get(3) & 0xff;
        routes.add(new Route(number(attributes, 15, header.get(4) & 0xff), prefix(attributes, 1, header.get(1) & 0xff, ipv6), tos,
                Route.Type.values()[type], Integer.toUnsignedLong(number(attributes, 6, 0)), header.get(6) & 0xff, lockedMtu, ip(attributes, 7),
                hops(attributes, header.getInt(8))));
    }

    private static List<NextHop> hops(Map<Integer, ByteBuffer> attributes, int flags) {
        List<NextHop> hops = new ArrayList<>();
        ByteBuffer several = attributes.get(9);
        if (several == null) {
            addHop(hops, number(attributes, 4, 0), flags, 1, attributes);
            return hops;
        }
        // struct rtnexthop: u16 length, u8 flags, u8 weight less 1, int interface; then attributes.
        int at = 0;
        while (at + 8 <= several.limit()) {
            int length = Short.toUnsignedInt(several.getShort(at));
            if (length < 8 || length > several.limit() - at) {
                break;
            }
            ByteBuffer hop = several.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
            addHop(hops, hop.getInt(4), hop.get(2), 1 + (hop.get(3) & 0xff), attributes(hop, 8));
            at += length + 3 & ~3;
        }
        return hops;
    }

    private static void addHop(List<NextHop> hops, int ifindex, int flags, int weight, Map<Integer, ByteBuffer> attributes) {
        if (ifindex > 0 && (flags & RTNH_F_DEAD) == 0) {
            // RTA_VIA: u16 family, then an address of it.
            ByteBuffer via = attributes.get(18);
            IpAddress gateway = via == null ? ip(attributes, 5) : IpAddress.of(bytes(via.slice(2, via.limit() - 2)));
            hops.add(new NextHop(ifindex, gateway, weight, attributes.containsKey(22)));
        }
    }

    /** struct ndmsg. */
    private void neighbour(ByteBuffer header, Map<Integer, ByteBuffer> attributes) {
        IpAddress address = ip(attributes, 1);
        if (address != null && (header.getShort(8) & NUD_VALID) != 0 && (header.get(0) == AF_INET || header.get(0) == AF_INET6)) {
            neighbours.add(new Neighbour(header.getInt(4), address, mac(attributes.get(2))));
        }
    }

    /** struct fib_rule_hdr. Rules for tunnels, VRFs and users are left out. */
    private static void rule(RuleMessage message, Map<String, Integer> byName, List<RoutingRule> rules) {
        Map<Integer, ByteBuffer> attributes = message.attributes;
        ByteBuffer header = message.header;
        RoutingRule.Action action = switch (header.get(7)) {
            case 1 -> RoutingRule.Action.LOOKUP;
            case 2 -> RoutingRule.Action.GOTO;
            case 3 -> RoutingRule.Action.NOTHING;
            case 6 -> RoutingRule.Action.BLACKHOLE;
            case 7 -> RoutingRule.Action.UNREACHABLE;
            case 8 -> RoutingRule.Action.PROHIBIT;
            default -> null;
        };
        boolean isSpecial = attributes.containsKey(12) || attributes.containsKey(19) && attributes.get(19).get(0) != 0 || attributes.containsKey(20);
        if (action == null || isSpecial) {
            return;
        }
        ByteBuffer protocol = attributes.get(22);
        ByteBuffer source = attributes.get(23);
        ByteBuffer target = attributes.get(24);
        // FRA_DSCP has the six bits above those that TOS keeps for congestion.
        ByteBuffer dscp = attributes.get(25);
        int mark = number(attributes, 10, 0);
        rules.add(new RoutingRule(message.ipv6, Integer.toUnsignedLong(number(attributes, 6, 0)), (header.getInt(8) & FIB_RULE_INVERT) != 0,
                prefix(attributes, 2, header.get(2) & 0xff, message.ipv6), prefix(attributes, 1, header.get(1) & 0xff, message.ipv6),
                port(attributes, 3, byName), port(attributes, 17, byName), dscp != null ? (dscp.get(0) & 0x3f) << 2 : header.get(3) & 0xff, mark,
                number(attributes, 16, mark == 0 ? 0 : -1), protocol == null ? 0 : protocol.get(0) & 0xff, first(source), last(source), first(target),
                last(target), action, number(attributes, 15, header.get(4) & 0xff), Integer.toUnsignedLong(number(attributes, 4, 0)),
                number(attributes, 14, -1)));
    }

    private static int port(Map<Integer, ByteBuffer> attributes, int type, Map<String, Integer> byName) {
        return attributes.containsKey(type) ? byName.getOrDefault(text(attributes.get(type)), -1) : 0;
    }

    private static int first(ByteBuffer range) {
        return range == null ? 0 : Short.toUnsignedInt(range.getShort(0));
    }

    private static int last(ByteBuffer range) {
        return range == null ? MAX_PORT : Short.toUnsignedInt(range.getShort(2));
    }
}
