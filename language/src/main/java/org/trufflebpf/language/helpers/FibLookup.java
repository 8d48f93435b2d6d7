package org.trufflebpf.language.helpers;

import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.net.Hop;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkInterface;
import org.trufflebpf.io.net.Route;
import org.trufflebpf.maps.Errno;

/** What bpf_fib_lookup does with a struct bpf_fib_lookup (bpf_ipv4_fib_lookup and bpf_ipv6_fib_lookup in net/core/filter.c of Linux 6.18). */
final class FibLookup {
    /** Of the struct, in bytes. */
    static final int SIZE = 64;
    private static final int FAMILY = 0;
    private static final int PROTOCOL = 1;
    private static final int SOURCE_PORT = 2;
    private static final int TARGET_PORT = 4;
    /** tot_len before, mtu_result after. */
    private static final int LENGTH = 6;
    private static final int IFINDEX = 8;
    /** tos before, rt_metric after. */
    private static final int TOS = 12;
    private static final int SOURCE = 16;
    private static final int TARGET = 32;
    /** tbid before, h_vlan_proto and h_vlan_TCI after. */
    private static final int TABLE = 48;
    /** mark before, smac after. */
    private static final int MARK = 52;
    private static final int TARGET_MAC = 58;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int EAFNOSUPPORT = 97;

    private static final int DIRECT = 1;
    private static final int OUTPUT = 2;
    private static final int SKIP_NEIGHBOUR = 4;
    private static final int BY_TABLE = 8;
    private static final int GIVE_SOURCE = 16;
    private static final int BY_MARK = 32;
    private static final int ALL_FLAGS = 63;

    /** BPF_FIB_LKUP_RET_*. */
    private static final int SUCCESS = 0;
    private static final int BLACKHOLE = 1;
    private static final int UNREACHABLE = 2;
    private static final int PROHIBIT = 3;
    private static final int NOT_FORWARDED = 4;
    private static final int FORWARDING_DISABLED = 5;
    private static final int UNSUPPORTED_ENCAPSULATION = 6;
    private static final int NO_NEIGHBOUR = 7;
    private static final int FRAGMENTATION_NEEDED = 8;
    private static final int NO_SOURCE_ADDRESS = 9;

    /** The loopback interface, where packets of the machine itself come from. */
    private static final int LOOPBACK = 1;

    private FibLookup() {
    }

    /** @param address of {@code size} bytes, read and written */
    static long run(Network network, long address, int size, int flags) {
        if (size < SIZE || (flags & ~ALL_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        int family = Memory.getByte(address + FAMILY);
        if (family != AF_INET && family != AF_INET6) {
            return -EAFNOSUPPORT;
        }
        boolean ipv6 = family == AF_INET6;
        if (ipv6 && (staysHere(address + TARGET) || staysHere(address + SOURCE))) {
            return NOT_FORWARDED;
        }
        NetworkInterface from = network.port(Memory.getInt(address + IFINDEX));
        if (from == null) {
            return -Errno.ENODEV;
        }
        if (!(ipv6 ? from.forwardsIpv6() : from.forwardsIpv4())) {
            return FORWARDING_DISABLED;
        }
        Hop hop = ipv6 ? ipv6(network, address, flags) : ipv4(network, address, flags);
        return hop.outcome == Hop.Outcome.FORWARDED ? forward(network, address, flags, ipv6, hop) : code(hop.outcome);
    }

    private static boolean staysHere(long address) {
        return Network.staysHere(word(address), word(address + 8));
    }

    /** Eight bytes of an address, the first the most significant one. */
    private static long word(long address) {
        return Long.reverseBytes(Memory.getLong(address));
    }

    private static void putWord(long address, long word) {
        Memory.putLong(address, Long.reverseBytes(word));
    }

    private static long ipv4Address(long address) {
        return (long) Integer.reverseBytes(Memory.getInt(address)) << 32;
    }

    private static int port(long address) {
        return Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(address)));
    }

    private static int code(Hop.Outcome outcome) {
        return outcome == Hop.Outcome.BLACKHOLE ? BLACKHOLE : outcome == Hop.Outcome.UNREACHABLE ? UNREACHABLE
                        : outcome == Hop.Outcome.PROHIBITED ? PROHIBIT : NOT_FORWARDED;
    }

    /** The table that a direct lookup asks; a table that was named makes place for the VLAN. */
    private static int table(long address, int flags) {
        if ((flags & BY_TABLE) == 0) {
            return Route.TABLE_MAIN;
        }
        int table = Memory.getInt(address + TABLE);
        Memory.putInt(address + TABLE, 0);
        return table == 0 ? Route.TABLE_MAIN : table;
    }

    private static int mark(long address, int flags) {
        return (flags & BY_MARK) != 0 ? Memory.getInt(address + MARK) : 0;
    }

    private static Hop ipv4(Network network, long address, int flags) {
        int ifindex = Memory.getInt(address + IFINDEX);
        boolean output = (flags & OUTPUT) != 0;
        int tos = Memory.getByte(address + TOS) & 0xff;
        if ((flags & DIRECT) != 0) {
            return network.inTable(table(address, flags), output ? ifindex : 0, ipv4Address(address + SOURCE), ipv4Address(address + TARGET), tos);
        }
        return network.route(output ? LOOPBACK : ifindex, output ? ifindex : 0, ipv4Address(address + SOURCE), ipv4Address(address + TARGET), tos,
                        mark(address, flags), Memory.getByte(address + PROTOCOL) & 0xff, port(address + SOURCE_PORT), port(address + TARGET_PORT));
    }

    private static Hop ipv6(Network network, long address, int flags) {
        int ifindex = Memory.getInt(address + IFINDEX);
        boolean output = (flags & OUTPUT) != 0;
        if ((flags & DIRECT) != 0) {
            return network.inTable6(table(address, flags), ifindex, output ? ifindex : 0, word(address + SOURCE), word(address + SOURCE + 8),
                            word(address + TARGET), word(address + TARGET + 8));
        }
        return network.route6(output ? LOOPBACK : ifindex, output ? ifindex : 0, word(address + SOURCE), word(address + SOURCE + 8),
                        word(address + TARGET), word(address + TARGET + 8), mark(address, flags), Memory.getByte(address + PROTOCOL) & 0xff,
                        port(address + SOURCE_PORT), port(address + TARGET_PORT));
    }

    private static long forward(Network network, long address, int flags, boolean ipv6, Hop hop) {
        if (Short.toUnsignedInt(Memory.getShort(address + LENGTH)) > hop.mtu) {
            Memory.putShort(address + LENGTH, (short) hop.mtu);
            return FRAGMENTATION_NEEDED;
        }
        if (hop.encapsulated) {
            return UNSUPPORTED_ENCAPSULATION;
        }
        // The source of an IPv6 packet is chosen by where it goes in the end.
        boolean chooses = ipv6 && !hop.hasSource && (flags & GIVE_SOURCE) != 0;
        int chosen = chooses ? network.source(hop.port, word(address + TARGET), word(address + TARGET + 8)) : 0;
        if (hop.hasGateway) {
            putGateway(address, hop);
        }
        Memory.putInt(address + TOS, (int) hop.metric);
        Memory.putInt(address + IFINDEX, hop.port.index());
        if ((flags & GIVE_SOURCE) != 0) {
            if (chosen < 0) {
                return NO_SOURCE_ADDRESS;
            }
            putSource(network, address, ipv6, hop, chosen);
        }
        if ((flags & SKIP_NEIGHBOUR) == 0) {
            boolean byIpv6 = ipv6 || hop.hasGateway && hop.gatewayIsIpv6;
            long mac = byIpv6 ? network.neighbour(hop.port, true, word(address + TARGET), word(address + TARGET + 8))
                            : network.neighbour(hop.port, false, ipv4Address(address + TARGET), 0);
            if (mac < 0) {
                return NO_NEIGHBOUR;
            }
            putMac(address + MARK, hop.port.mac());
            putMac(address + TARGET_MAC, mac);
        }
        Memory.putInt(address + TABLE, 0);
        if (hop.mtu != 0) {
            Memory.putShort(address + LENGTH, (short) hop.mtu);
        }
        return SUCCESS;
    }

    private static void putGateway(long address, Hop hop) {
        if (hop.gatewayIsIpv6) {
            Memory.putByte(address + FAMILY, (byte) AF_INET6);
            putWord(address + TARGET, hop.gatewayHigh);
            putWord(address + TARGET + 8, hop.gatewayLow);
        } else {
            Memory.putInt(address + TARGET, Integer.reverseBytes((int) (hop.gatewayHigh >>> 32)));
        }
    }

    private static void putSource(Network network, long address, boolean ipv6, Hop hop, int chosen) {
        if (ipv6) {
            putWord(address + SOURCE, hop.hasSource ? hop.sourceHigh : network.sourceHigh(chosen));
            putWord(address + SOURCE + 8, hop.hasSource ? hop.sourceLow : network.sourceLow(chosen));
        } else {
            Memory.putInt(address + SOURCE, Integer.reverseBytes((int) (hop.sourceHigh >>> 32)));
        }
    }

    private static void putMac(long address, long mac) {
        Memory.putShort(address, Short.reverseBytes((short) (mac >>> 32)));
        Memory.putInt(address + 2, Integer.reverseBytes((int) mac));
    }
}
