package org.trufflebpf.io.net;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The addresses of a machine's interfaces, as sources of packets. */
final class SourceAddresses {
    private static final int SCOPE_LINK_LOCAL = 2;
    private static final int SCOPE_GLOBAL = 14;

    private final List<NetworkInterface> ports;
    private final int[] ifindexes;
    private final long[] high;
    private final long[] low;
    private final int[] lengths;

    SourceAddresses(Collection<NetworkInterface> ports) {
        this.ports = List.copyOf(ports);
        List<Integer> owners = new ArrayList<>();
        List<NetworkInterface.Address> addresses = new ArrayList<>();
        for (NetworkInterface port : ports) {
            for (NetworkInterface.Address address : port.addresses()) {
                if (address.address().ipv6() && port.isUp()) {
                    owners.add(port.index());
                    addresses.add(address);
                }
            }
        }
        ifindexes = owners.stream().mapToInt(Integer::intValue).toArray();
        high = addresses.stream().mapToLong(address -> address.address().high()).toArray();
        low = addresses.stream().mapToLong(address -> address.address().low()).toArray();
        lengths = addresses.stream().mapToInt(address -> address.prefix().length()).toArray();
    }

    /** inet_select_addr: the address in the gateway's network, or else the first that reaches far enough, of the port or else of any. */
    IpAddress forIpv4(NetworkInterface port, IpAddress gateway, int scope) {
        IpAddress first = null;
        for (NetworkInterface.Address address : port.addresses()) {
            if (!address.address().ipv6() && !address.secondary() && address.scope() <= scope) {
                if (gateway == null || address.prefix().contains(gateway)) {
                    return address.address();
                }
                first = first == null ? address.address() : first;
            }
        }
        for (int i = 0; i < ports.size() && first == null; i++) {
            for (NetworkInterface.Address address : ports.get(i).addresses()) {
                boolean reaches = address.scope() != NetworkInterface.SCOPE_LINK && address.scope() <= scope;
                boolean fits = reaches && !address.address().ipv6() && !address.secondary();
                first = first == null && fits ? address.address() : first;
            }
        }
        return first == null ? IpAddress.ofIpv4(0) : first;
    }

    /** ipv6_dev_get_saddr: RFC 6724, section 5, rules 2, 5, 6 and 8. The number of an address, or -1. */
    int forIpv6(NetworkInterface port, long targetHigh, long targetLow) {
        int best = -1;
        long bestScore = -1;
        for (int i = 0; i < high.length; i++) {
            int scope = scope(high[i], low[i]);
            long score = scope >= SCOPE_GLOBAL ? 1 : 0;
            score = score << 4 | scope;
            score = score << 1 | (ifindexes[i] == port.index() ? 1 : 0);
            score = score << 1 | (isUniqueLocal(high[i]) == isUniqueLocal(targetHigh) ? 1 : 0);
            int common = high[i] != targetHigh ? Long.numberOfLeadingZeros(high[i] ^ targetHigh)
                    : Long.SIZE + Long.numberOfLeadingZeros(low[i] ^ targetLow);
            score = score << 8 | Math.min(common, lengths[i]);
            if (score > bestScore) {
                best = i;
                bestScore = score;
            }
        }
        return best;
    }

    private static int scope(long high, long low) {
        return high >>> 54 == 0xfe80 >>> 6 ? SCOPE_LINK_LOCAL : high == 0 && low == 1 ? 1 : SCOPE_GLOBAL;
    }

    /** fc00::/7, which has a label of its own. */
    private static boolean isUniqueLocal(long high) {
        return high >>> 57 == 0xfc >>> 1;
    }

    long high(int number) {
        return high[number];
    }

    long low(int number) {
        return low[number];
    }
}
