package org.trufflebpf.io.net;

import java.util.List;

/**
 * A route.
 *
 * @param table its number
 * @param tos that packets must have, or 0 for all; IPv4 only
 * @param metric of several for the same prefix the one with the lowest wins
 * @param scope how far away what it leads to is; IPv4 only
 * @param lockedMtu what takes the place of the interface's MTU, or 0
 * @param source what packets that go there should come from, or null to choose one
 * @param hops ways to get there; none where the type leads nowhere
 */
public record Route(int table, Prefix prefix, int tos, Type type, long metric, int scope, int lockedMtu, IpAddress source, List<NextHop> hops) {
    public static final int TABLE_DEFAULT = 253;
    public static final int TABLE_MAIN = 254;
    public static final int TABLE_LOCAL = 255;

    /** What becomes of packets (RTN_ in the kernel). */
    public enum Type {
        UNICAST, LOCAL, BROADCAST, ANYCAST, MULTICAST, BLACKHOLE, UNREACHABLE, PROHIBIT, /** As if the table had none. */ THROW
    }

    public Route {
        hops = List.copyOf(hops);
    }

    /**
     * One way of a route.
     *
     * @param ifindex where packets leave
     * @param gateway whom they go to, of either family, or null for their own destination
     * @param weight its share, at least 1
     * @param encapsulated whether packets would have to be wrapped
     */
    public record NextHop(int ifindex, IpAddress gateway, int weight, boolean encapsulated) {
    }
}
