package org.trufflebpf.io.net;

import java.util.ArrayList;
import java.util.List;

/**
 * Which packets look into which table.
 *
 * @param priority rules with lower ones come first
 * @param inverted whether it holds for packets that do not fit
 * @param source, target prefixes, of length 0 for all
 * @param input, output interface numbers: 0 for all, -1 for none
 * @param tos 0 for all
 * @param mark compared under {@code markMask}
 * @param protocol of the transport layer, 0 for all
 * @param firstSourcePort, lastSourcePort, firstTargetPort, lastTargetPort inclusive
 * @param table for {@link Action#LOOKUP}
 * @param next for {@link Action#GOTO} the priority of the rule to go on with
 * @param suppressedLength prefixes of at most this length that are found do not count; -1 for none
 */
public record RoutingRule(boolean ipv6, long priority, boolean inverted, Prefix source, Prefix target, int input, int output, int tos, int mark,
        int markMask, int protocol, int firstSourcePort, int lastSourcePort, int firstTargetPort, int lastTargetPort, Action action, int table,
        long next, int suppressedLength) {
    private static final long PRIORITY_MAIN = 32766;
    private static final long PRIORITY_DEFAULT = 32767;
    private static final int MAX_PORT = 0xffff;

    /** FR_ACT_ in the kernel. */
    public enum Action {
        LOOKUP, GOTO, NOTHING, BLACKHOLE, UNREACHABLE, PROHIBIT
    }

    /** For all packets. */
    public static RoutingRule lookup(boolean ipv6, long priority, int table) {
        return new RoutingRule(ipv6, priority, false, Prefix.all(ipv6), Prefix.all(ipv6), 0, 0, 0, 0, 0, 0, 0, MAX_PORT, 0, MAX_PORT,
                Action.LOOKUP, table, 0, -1);
    }

    /** Those that are there from the start; IPv6 has no default table. */
    public static List<RoutingRule> builtIn(boolean ipv6) {
        List<RoutingRule> rules = new ArrayList<>(List.of(lookup(ipv6, 0, Route.TABLE_LOCAL), lookup(ipv6, PRIORITY_MAIN, Route.TABLE_MAIN)));
        if (!ipv6) {
            rules.add(lookup(false, PRIORITY_DEFAULT, Route.TABLE_DEFAULT));
        }
        return rules;
    }

    /** Allocates nothing. */
    boolean matches(int from, int to, long sourceHigh, long sourceLow, long targetHigh, long targetLow, int packetTos, int packetMark,
            int packetProtocol, int sourcePort, int targetPort) {
        boolean fits = (input == 0 || input == from) && (output == 0 || output == to) && ((mark ^ packetMark) & markMask) == 0
                && hasSource(to, sourceHigh, sourceLow) && target.contains(targetHigh, targetLow) && (tos == 0 || tos == packetTos)
                && (protocol == 0 || protocol == packetProtocol) && sourcePort >= firstSourcePort && sourcePort <= lastSourcePort
                && targetPort >= firstTargetPort && targetPort <= lastTargetPort;
        return fits != inverted;
    }

    /** An IPv6 packet that must leave through an interface has no source yet, as far as rules are concerned (fib6_rule_match). */
    private boolean hasSource(int to, long high, long low) {
        return source.length() == 0 || (!ipv6 || to == 0) && source.contains(high, low);
    }
}
