package org.trufflebpf.io.net;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.trufflebpf.io.net.RouteTable.Entry;
import org.trufflebpf.io.net.RouteTable.Path;

/**
 * Interfaces, routes and neighbours ready for lookups that follow the kernel's (net/ipv4/fib_trie.c and fib_rules.c, net/ipv6/ip6_fib.c and
 * route.c of Linux 6.18). Immutable; lookups allocate nothing and take no lock, so data paths ask it for each packet. VRFs, encapsulation and routes
 * that depend on the source address alone are not followed.
 */
public final class Network {
    public static final Network EMPTY = new Network(NetworkTables.EMPTY);

    /** The bits of TOS that routes are chosen by: IPTOS_RT_MASK. */
    private static final int TOS_MASK = 0x1c;
    private static final int MAX_MTU_IPV4 = 0xffff;
    private static final int MAX_MTU_IPV6 = 0xffff + 40;
    private static final int MIN_MTU_IPV6 = 1280;

    private final NetworkInterface[] ports;
    private final Family ipv4;
    private final Family ipv6;
    private final SourceAddresses sources;
    /** Interface number and family, then the address; in this order. */
    private final int[] neighbourKeys;
    private final Neighbour[] neighbours;

    /** The tables of a family and the rules that lead to them. */
    private record Family(int[] ids, RouteTable[] tables, RoutingRule[] rules, int[] jumps, boolean hasOwnRules) {
        RouteTable table(int id) {
            for (int i = 0; i < ids.length; i++) {
                if (ids[i] == id) {
                    return tables[i];
                }
            }
            return null;
        }
    }

    public Network(NetworkTables tables) {
        Map<Integer, NetworkInterface> byIndex = new TreeMap<>();
        tables.interfaces().forEach(port -> byIndex.put(port.index(), port));
        ports = byIndex.values().toArray(NetworkInterface[]::new);
        sources = new SourceAddresses(byIndex.values());
        ipv4 = family(false, tables, byIndex);
        ipv6 = family(true, tables, byIndex);
        Comparator<Neighbour> byKey = Comparator.comparingInt(Network::key);
        neighbours = tables.neighbours().stream().sorted(byKey.thenComparing((a, b) -> compare(a.address(), b.address().high(), b.address().low())))
                .toArray(Neighbour[]::new);
        neighbourKeys = new int[neighbours.length];
        for (int i = 0; i < neighbours.length; i++) {
            neighbourKeys[i] = key(neighbours[i]);
        }
    }

    private static int key(Neighbour neighbour) {
        return key(neighbour.ifindex(), neighbour.address().ipv6());
    }

    private static int key(int ifindex, boolean isIpv6) {
        return ifindex << 1 | (isIpv6 ? 1 : 0);
    }

    private static int compare(IpAddress address, long high, long low) {
        return address.high() == high ? Long.compareUnsigned(address.low(), low) : Long.compareUnsigned(address.high(), high);
    }

    private Family family(boolean isIpv6, NetworkTables tables, Map<Integer, NetworkInterface> byIndex) {
        List<RoutingRule> own = tables.rules().stream().filter(rule -> rule.ipv6() == isIpv6).toList();
        List<RoutingRule> rules = new ArrayList<>(own.isEmpty() ? RoutingRule.builtIn(isIpv6) : own);
        rules.sort(Comparator.comparingLong(RoutingRule::priority));
        boolean hasOwnRules = !rules.equals(RoutingRule.builtIn(isIpv6));
        Map<Integer, RouteTable.Builder> builders = new HashMap<>();
        for (Route route : tables.routes()) {
            if (route.prefix().address().ipv6() == isIpv6) {
                add(builders, route, byIndex, !isIpv6 && !hasOwnRules);
            }
        }
        int[] ids = builders.keySet().stream().mapToInt(Integer::intValue).toArray();
        RouteTable[] built = new RouteTable[ids.length];
        for (int i = 0; i < ids.length; i++) {
            built[i] = builders.get(ids[i]).build();
        }
        return new Family(ids, built, rules.toArray(RoutingRule[]::new), jumps(rules), hasOwnRules);
    }

    /** @param isMerged whether local and main are one, as the kernel keeps them for IPv4 as long as nobody makes rules */
    private void add(Map<Integer, RouteTable.Builder> builders, Route route, Map<Integer, NetworkInterface> byIndex, boolean isMerged) {
        List<Hop> hops = new ArrayList<>();
        for (Route.NextHop hop : route.hops()) {
            NetworkInterface port = byIndex.get(hop.ifindex());
            if (port != null && port.isUp()) {
                hops.add(hop(route, hop, port));
            }
        }
        boolean leadsNowhere = route.hops().isEmpty() || route.type().ordinal() >= Route.Type.BLACKHOLE.ordinal();
        if (!leadsNowhere && hops.isEmpty()) {
            return;
        }
        Path path = new Path(route, hops.toArray(Hop[]::new));
        boolean isPart = isMerged && (route.table() == Route.TABLE_MAIN || route.table() == Route.TABLE_LOCAL);
        builders.computeIfAbsent(isPart ? Route.TABLE_MAIN : route.table(), id -> new RouteTable.Builder()).add(route.prefix(), path);
    }

    private Hop hop(Route route, Route.NextHop hop, NetworkInterface port) {
        boolean isIpv6 = route.prefix().address().ipv6();
        int mtu = route.lockedMtu() > 0 ? route.lockedMtu()
                : isIpv6 ? Math.min(MAX_MTU_IPV6, Math.max(MIN_MTU_IPV6, port.mtu6())) : Math.min(MAX_MTU_IPV4, port.mtu());
        IpAddress source = route.source() != null || isIpv6 ? route.source() : sources.forIpv4(port, hop.gateway(), route.scope());
        return new Hop(Hop.Outcome.FORWARDED, port, route.metric(), mtu, hop.encapsulated(), hop.gateway(), source, Math.max(1, hop.weight()),
                route.prefix().length());
    }

    /** For each rule the one that it leads on to, behind it, or -1. */
    private static int[] jumps(List<RoutingRule> rules) {
        int[] jumps = new int[rules.size()];
        for (int i = 0; i < jumps.length; i++) {
            jumps[i] = -1;
            for (int j = i + 1; j < rules.size() && jumps[i] < 0 && rules.get(i).action() == RoutingRule.Action.GOTO; j++) {
                jumps[i] = rules.get(j).priority() == rules.get(i).next() ? j : -1;
            }
        }
        return jumps;
    }

    /** The interface with this number, or null. */
    public NetworkInterface port(int index) {
        int first = 0;
        int last = ports.length - 1;
        while (first <= last) {
            int middle = first + last >>> 1;
            int found = ports[middle].index();
            if (found == index) {
                return ports[middle];
            }
            if (found < index) {
                first = middle + 1;
            } else {
                last = middle - 1;
            }
        }
        return null;
    }

    /** The 48 bits of a neighbour's link address, or -1 if it is not known. */
    public long neighbour(NetworkInterface port, boolean isIpv6, long high, long low) {
        boolean isOne = port.nameless() && !isIpv6;
        long keyHigh = isOne ? 0 : high;
        int key = key(port.index(), isIpv6);
        int first = 0;
        int last = neighbourKeys.length - 1;
        while (first <= last) {
            int middle = first + last >>> 1;
            int order = neighbourKeys[middle] == key ? compare(neighbours[middle].address(), keyHigh, low) : neighbourKeys[middle] < key ? -1 : 1;
            if (order == 0) {
                return neighbours[middle].mac();
            }
            if (order < 0) {
                first = middle + 1;
            } else {
                last = middle - 1;
            }
        }
        // The kernel makes an entry without an address for a link that needs none.
        return isOne ? 0 : -1;
    }

    /** Which address of this machine an IPv6 packet out of a port to a destination should come from, for {@link #sourceHigh}; -1 for none. */
    public int source(NetworkInterface port, long high, long low) {
        return sources.forIpv6(port, high, low);
    }

    public long sourceHigh(int source) {
        return sources.high(source);
    }

    public long sourceLow(int source) {
        return sources.low(source);
    }

    /**
     * Where an IPv4 packet goes by the rules. Addresses have their 32 bits on top ({@link IpAddress}).
     *
     * @param input where it came from
     * @param output where it must leave, or 0
     */
    public Hop route(int input, int output, long source, long target, int tos, int mark, int protocol, int sourcePort, int targetPort) {
        if (ipv4.hasOwnRules) {
            return byRules(false, input, output, source, 0, target, 0, tos, mark, protocol, sourcePort, targetPort);
        }
        Hop hop = inTable(Route.TABLE_MAIN, output, source, target, tos);
        RouteTable defaults = ipv4.table(Route.TABLE_DEFAULT);
        return hop.outcome == Hop.Outcome.FORWARDED || defaults == null ? hop : find(defaults, output, source, target, tos);
    }

    /** Where an IPv4 packet goes by one table. */
    public Hop inTable(int table, int output, long source, long target, int tos) {
        RouteTable found = ipv4.table(table == Route.TABLE_LOCAL && !ipv4.hasOwnRules ? Route.TABLE_MAIN : table);
        return found == null ? Hop.NOT_FOUND : find(found, output, source, target, tos);
    }

    /** Where an IPv6 packet goes by the rules. @param output as for IPv4, though here it is a wish */
    public Hop route6(int input, int output, long sourceHigh, long sourceLow, long targetHigh, long targetLow, int mark, int protocol, int sourcePort,
            int targetPort) {
        return byRules(true, input, output, sourceHigh, sourceLow, targetHigh, targetLow, 0, mark, protocol, sourcePort, targetPort);
    }

    /** Where an IPv6 packet goes by one table. */
    public Hop inTable6(int table, int input, int output, long sourceHigh, long sourceLow, long targetHigh, long targetLow) {
        RouteTable found = ipv6.table(table);
        return found == null ? Hop.NOT_FOUND : find6(found, input, output, sourceHigh ^ sourceLow, targetHigh, targetLow);
    }

    /** Whether an address is for this link or machine alone, so that nothing to or from it is forwarded. */
    public static boolean staysHere(long high, long low) {
        return high >>> 54 == 0xfe80 >>> 6 || high >>> 56 == 0xff || high == 0 && low == 1;
    }

    private Hop byRules(boolean isIpv6, int input, int output, long sourceHigh, long sourceLow, long targetHigh, long targetLow, int tos, int mark,
            int protocol, int sourcePort, int targetPort) {
        Family family = isIpv6 ? ipv6 : ipv4;
        int next = 0;
        while (next < family.rules.length) {
            int number = next++;
            RoutingRule rule = family.rules[number];
            if (!rule.matches(input, output, sourceHigh, sourceLow, targetHigh, targetLow, tos, mark, protocol, sourcePort, targetPort)) {
                continue;
            }
            RoutingRule.Action action = rule.action();
            if (action == RoutingRule.Action.LOOKUP) {
                RouteTable table = family.table(rule.table());
                Hop hop = table == null ? Hop.NOT_FOUND
                        : isIpv6 ? find6(table, input, output, sourceHigh ^ sourceLow, targetHigh, targetLow)
                                : find(table, output, sourceHigh, targetHigh, tos);
                boolean isSuppressed = hop.outcome == Hop.Outcome.FORWARDED && hop.prefixLength <= rule.suppressedLength();
                if (hop != Hop.NOT_FOUND && !isSuppressed) {
                    return hop;
                }
            } else if (action == RoutingRule.Action.GOTO) {
                next = family.jumps[number] < 0 ? next : family.jumps[number];
            } else if (action == RoutingRule.Action.PROHIBIT) {
                return isIpv6 ? Hop.NOT_FORWARDED : Hop.PROHIBITED;
            } else if (action == RoutingRule.Action.BLACKHOLE) {
                return isIpv6 ? Hop.NOT_FORWARDED : Hop.BLACKHOLE;
            } else if (action == RoutingRule.Action.UNREACHABLE) {
                return Hop.NOT_FORWARDED;
            }
        }
        return Hop.NOT_FORWARDED;
    }

    /** fib_table_lookup. */
    private static Hop find(RouteTable table, int output, long source, long target, int tos) {
        for (Entry entry = table.find(target, 0); entry != null; entry = entry.parent) {
            for (int i = 0; i < entry.paths.length; i++) {
                Path path = entry.paths[i];
                if (path.tos == 0 || path.tos == (tos & TOS_MASK)) {
                    Hop end = end(path.type);
                    if (end != null) {
                        return end;
                    }
                    Hop hop = through(path, output);
                    if (hop != null) {
                        return path.type != Route.Type.UNICAST ? Hop.NOT_FORWARDED : path.hops.length == 1 ? hop : spread(path, source, target);
                    }
                }
            }
        }
        return Hop.NOT_FOUND;
    }

    /** What a route that leads nowhere answers, or null. */
    private static Hop end(Route.Type type) {
        return type == Route.Type.BLACKHOLE ? Hop.BLACKHOLE : type == Route.Type.UNREACHABLE ? Hop.UNREACHABLE
                : type == Route.Type.PROHIBIT ? Hop.PROHIBITED : type == Route.Type.THROW ? Hop.NOT_FOUND : null;
    }

    private static Hop through(Path path, int output) {
        for (int i = 0; i < path.hops.length; i++) {
            if (output == 0 || path.hops[i].port.index() == output) {
                return path.hops[i];
            }
        }
        return null;
    }

    /** fib6_table_lookup: of the routes with the lowest metric one through the wanted interface, or else the first. */
    private static Hop find6(RouteTable table, int input, int output, long source, long targetHigh, long targetLow) {
        Entry entry = table.find(targetHigh, targetLow);
        if (entry == null) {
            return Hop.NOT_FOUND;
        }
        int wanted = output != 0 ? output : input;
        Path best = entry.paths[0];
        for (int i = 1; i < entry.paths.length && entry.paths[i].metric == entry.paths[0].metric && through(best, wanted) == null; i++) {
            if (through(entry.paths[i], wanted) != null) {
                best = entry.paths[i];
            }
        }
        Hop end = end(best.type);
        if (end != null || best.type != Route.Type.UNICAST) {
            return end != null ? end : Hop.NOT_FORWARDED;
        }
        Hop direct = through(best, wanted);
        boolean isDirect = output != 0 && direct != null;
        return isDirect ? direct : best.hops.length == 1 ? best.hops[0] : spread(best, source, targetHigh ^ targetLow);
    }

    /** One of several ways, the same for the same addresses. The kernel's choice is as arbitrary, as its hash has a random key. */
    private static Hop spread(Path path, long source, long target) {
        long mixed = (source * 0x9E37_79B9_7F4A_7C15L ^ Long.rotateLeft(target, 29)) * 0xBF58_476D_1CE4_E5B9L;
        long share = (mixed >>> 33) * path.totalWeight >>> 31;
        int chosen = 0;
        while (share >= path.hops[chosen].weight) {
            share -= path.hops[chosen++].weight;
        }
        return path.hops[chosen];
    }
}
