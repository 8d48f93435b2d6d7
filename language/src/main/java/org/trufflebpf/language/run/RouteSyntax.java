package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Neighbour;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.Prefix;
import org.trufflebpf.io.net.Route;
import org.trufflebpf.io.net.Route.NextHop;
import org.trufflebpf.io.net.RoutingRule;

/** Routes, rules and neighbours as the ip command takes them, as far as lookups depend on it. What is wrong is an IllegalArgumentException. */
final class RouteSyntax {
    private static final int METRIC_OF_IPV6 = 1024;
    private static final int MAX_PORT = 0xffff;

    private final Collection<NetworkInterface> interfaces;
    private final Map<String, NetworkInterface> byName = new HashMap<>();

    RouteSyntax(Collection<NetworkInterface> interfaces) {
        this.interfaces = interfaces;
        interfaces.forEach(port -> byName.putIfAbsent(port.name(), port));
    }

    /** The words without a remark in parentheses at the end. */
    private static Iterator<String> words(String text) {
        int remark = text.indexOf('(');
        return Arrays.asList((remark < 0 ? text : text.substring(0, remark)).strip().split("\\s+")).iterator();
    }

    private static String next(Iterator<String> words, String after) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException("something must follow '" + after + "'");
        }
        return words.next();
    }

    /** From 0 on; decimal, or hexadecimal after 0x. */
    static int number(String text) {
        try {
            return text.startsWith("0x") ? Integer.parseUnsignedInt(text.substring(2), 16) : Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no number", e);
        }
    }

    static long mac(String text) {
        if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
            throw new IllegalArgumentException("'" + text + "' is no link address");
        }
        return Long.parseLong(text.replace(":", ""), 16);
    }

    private NetworkInterface port(String name) {
        NetworkInterface port = byName.get(name);
        if (port == null) {
            throw new IllegalArgumentException("there is no interface '" + name + "'");
        }
        return port;
    }

    private static int table(String text) {
        return switch (text) {
            case "main" -> Route.TABLE_MAIN;
            case "local" -> Route.TABLE_LOCAL;
            case "default" -> Route.TABLE_DEFAULT;
            default -> number(text);
        };
    }

    private static Route.Type type(String word) {
        return Arrays.stream(Route.Type.values()).filter(type -> type.name().toLowerCase(Locale.ROOT).equals(word)).findFirst().orElse(null);
    }

    /** {@code [TYPE] PREFIX [via ADDRESS] [dev NAME] ...}. */
    Route route(String text) {
        Iterator<String> words = words(text);
        String word = next(words, "route");
        Route.Type type = type(word);
        String prefix = type == null ? word : next(words, word);
        RouteFields fields = new RouteFields(type == null ? Route.Type.UNICAST : type, prefix);
        while (words.hasNext()) {
            fields.read(words.next(), words);
        }
        return fields.route();
    }

    private final class RouteFields {
        private final Route.Type type;
        private final String given;
        private int table = -1;
        private int tos;
        private long metric = -1;
        private int lockedMtu;
        private int scope = -1;
        private IpAddress source;
        private IpAddress gateway;
        private NetworkInterface port;
        private int weight = 1;
        private boolean inHop;
        private final List<NextHop> hops = new ArrayList<>();

        RouteFields(Route.Type type, String given) {
            this.type = type;
            this.given = given;
        }

        void read(String word, Iterator<String> words) {
            switch (word) {
                case "via" -> {
                    String address = next(words, word);
                    gateway = IpAddress.parse(address.equals("inet") || address.equals("inet6") ? next(words, address) : address);
                }
                case "dev" -> port = port(next(words, word));
                case "nexthop" -> {
                    endHop();
                    inHop = true;
                }
                case "weight" -> weight = Math.clamp(number(next(words, word)), 1, 256);
                case "table" -> table = table(next(words, word));
                case "metric", "preference", "priority" -> metric = Integer.toUnsignedLong(number(next(words, word)));
                case "tos", "dsfield" -> tos = number(next(words, word)) & 0xff;
                case "src" -> source = IpAddress.parse(next(words, word));
                case "mtu" -> {
                    String size = next(words, word);
                    // Without "lock" it is no limit for forwarded packets.
                    if (size.equals("lock")) {
                        lockedMtu = InterfaceSyntax.mtu(next(words, size));
                    } else {
                        InterfaceSyntax.mtu(size);
                    }
                }
                case "scope" -> scope = scope(next(words, word));
                case "proto", "protocol", "pref" -> next(words, word);
                case "onlink", "linkdown" -> {
                }
                default -> throw new IllegalArgumentException("'" + word + "' is not known here: via, dev, nexthop, weight, table, metric, tos,"
                        + " src, mtu, scope, proto and onlink are");
            }
        }

        private int scope(String text) {
            return switch (text) {
                case "global" -> NetworkInterface.SCOPE_UNIVERSE;
                case "link" -> NetworkInterface.SCOPE_LINK;
                case "host" -> NetworkInterface.SCOPE_HOST;
                default -> number(text);
            };
        }

        private void endHop() {
            if (port == null && gateway != null) {
                IpAddress to = gateway;
                port = interfaces.stream().filter(one -> one.addresses().stream().anyMatch(address -> address.prefix().contains(to))).findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no interface has the gateway's network: add dev NAME"));
            }
            if (port != null) {
                hops.add(new NextHop(port.index(), gateway, weight, false));
            } else if (inHop) {
                throw new IllegalArgumentException("a nexthop needs via ADDRESS or dev NAME");
            }
            port = null;
            gateway = null;
            weight = 1;
        }

        Route route() {
            boolean ipv6Gateway = gateway != null && gateway.ipv6();
            endHop();
            Prefix prefix = given.equals("default") ? Prefix.all(ipv6Gateway || source != null && source.ipv6()) : Prefix.parse(given);
            boolean ipv6 = prefix.address().ipv6();
            boolean leads = type.ordinal() < Route.Type.BLACKHOLE.ordinal();
            if (leads == hops.isEmpty()) {
                throw new IllegalArgumentException(leads ? "needs via ADDRESS or dev NAME" : "a route of this type leads nowhere");
            }
            if (ipv6 && hops.stream().anyMatch(hop -> hop.gateway() != null && !hop.gateway().ipv6()) || source != null && source.ipv6() != ipv6) {
                throw new IllegalArgumentException("IPv4 and IPv6 do not go together");
            }
            boolean viaGateway = hops.stream().anyMatch(hop -> hop.gateway() != null);
            int reach = scope >= 0 ? scope : type == Route.Type.LOCAL ? NetworkInterface.SCOPE_HOST
                    : viaGateway || !leads ? NetworkInterface.SCOPE_UNIVERSE : NetworkInterface.SCOPE_LINK;
            boolean isLocal = type == Route.Type.LOCAL || type == Route.Type.BROADCAST || type == Route.Type.ANYCAST;
            int place = table >= 0 ? table : isLocal ? Route.TABLE_LOCAL : Route.TABLE_MAIN;
            return new Route(place, prefix, ipv6 ? 0 : tos, type, metric >= 0 ? metric : ipv6 ? METRIC_OF_IPV6 : 0, reach, lockedMtu, source, hops);
        }
    }

    /** {@code ADDRESS} and {@code MAC NAME}. */
    Neighbour neighbour(String address, String description) {
        Iterator<String> words = words(description);
        long mac = mac(next(words, address));
        String word = next(words, "the link address");
        return new Neighbour(port(word.equals("dev") ? next(words, word) : word).index(), IpAddress.parse(address), mac);
    }

    /** {@code [not] [from PREFIX] [to PREFIX] [iif NAME] ... lookup TABLE}, with {@code pref N}. */
    RoutingRule rule(String text) {
        RuleFields fields = new RuleFields();
        Iterator<String> words = words(text);
        while (words.hasNext()) {
            fields.read(words.next(), words);
        }
        return fields.rule();
    }

    private final class RuleFields {
        private long priority = -1;
        private boolean inverted;
        private Prefix source;
        private Prefix target;
        private int input;
        private int output;
        private int tos;
        private int mark;
        private int markMask;
        private int protocol;
        private int[] sourcePorts = {0, MAX_PORT};
        private int[] targetPorts = {0, MAX_PORT};
        private RoutingRule.Action action;
        private int table;
        private long next;
        private int suppressed = -1;
        private boolean ipv6;

        void read(String word, Iterator<String> words) {
            switch (word) {
                case "pref", "priority", "preference", "order" -> priority = Integer.toUnsignedLong(number(next(words, word)));
                case "not" -> inverted = true;
                case "inet6", "-6" -> ipv6 = true;
                case "from" -> source = prefix(next(words, word));
                case "to" -> target = prefix(next(words, word));
                case "iif" -> input = port(next(words, word)).index();
                case "oif" -> output = port(next(words, word)).index();
                case "tos", "dsfield" -> tos = number(next(words, word)) & 0xff;
                case "fwmark" -> {
                    String[] parts = next(words, word).split("/", 2);
                    mark = number(parts[0]);
                    markMask = parts.length == 1 ? -1 : number(parts[1]);
                }
                case "ipproto" -> protocol = protocol(next(words, word));
                case "sport" -> sourcePorts = ports(next(words, word));
                case "dport" -> targetPorts = ports(next(words, word));
                case "lookup", "table" -> {
                    action = RoutingRule.Action.LOOKUP;
                    table = table(next(words, word));
                }
                case "goto" -> {
                    action = RoutingRule.Action.GOTO;
                    next = Integer.toUnsignedLong(number(next(words, word)));
                }
                case "nop" -> action = RoutingRule.Action.NOTHING;
                case "blackhole" -> action = RoutingRule.Action.BLACKHOLE;
                case "unreachable" -> action = RoutingRule.Action.UNREACHABLE;
                case "prohibit" -> action = RoutingRule.Action.PROHIBIT;
                case "suppress_prefixlength" -> suppressed = number(next(words, word));
                default -> throw new IllegalArgumentException("'" + word + "' is not known here: pref, not, inet6, from, to, iif, oif, tos, fwmark,"
                        + " ipproto, sport, dport, lookup, goto, nop, blackhole, unreachable, prohibit and suppress_prefixlength are");
            }
        }

        private static Prefix prefix(String text) {
            return text.equals("all") ? null : Prefix.parse(text);
        }

        private static int protocol(String text) {
            return switch (text) {
                case "tcp" -> 6;
                case "udp" -> 17;
                case "icmp" -> 1;
                default -> number(text) & 0xff;
            };
        }

        private static int[] ports(String text) {
            String[] parts = text.split("-", 2);
            return new int[]{number(parts[0]), number(parts[parts.length - 1])};
        }

        RoutingRule rule() {
            if (action == null || priority < 0) {
                throw new IllegalArgumentException(action == null ? "says nothing to do: add lookup TABLE" : "has no place: add pref NUMBER");
            }
            ipv6 |= source != null && source.address().ipv6() || target != null && target.address().ipv6();
            Prefix from = source == null ? Prefix.all(ipv6) : source;
            Prefix to = target == null ? Prefix.all(ipv6) : target;
            if (from.address().ipv6() != to.address().ipv6()) {
                throw new IllegalArgumentException("IPv4 and IPv6 do not go together");
            }
            return new RoutingRule(ipv6, priority, inverted, from, to, input, output, tos, mark, markMask, protocol, sourcePorts[0], sourcePorts[1],
                    targetPorts[0], targetPorts[1], action, table, next, suppressed);
        }
    }
}
