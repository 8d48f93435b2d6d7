package org.trufflebpf.io.port;

import org.trufflebpf.io.memory.Memory;

/**
 * TCP and UDP checksums that a sender left for its network card to finish. Virtual interfaces (veth above all) hand such packets on as they are,
 * since inside one kernel a mark says so (CHECKSUM_PARTIAL); outside it they are just wrong, and whoever gets them drops them. Their checksum field
 * holds the folded sum of the pseudo header alone, not complemented: that is how they are recognised. One finished checksum in 65,535 looks the same,
 * and finishing it once more gives the same value, so nothing is made wrong that was right.
 */
public final class PartialChecksum {
    private static final int ETHERNET = 14;
    private static final int VLAN = 4;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int ETHERTYPE_VLAN = 0x8100;
    private static final int ETHERTYPE_QINQ = 0x88a8;
    private static final int IPV4 = 20;
    private static final int IPV6 = 40;
    private static final int TCP = 20;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP = 8;
    private static final int UDP_CHECKSUM = 6;
    /** Bytes 12 to 14 of a packet, the lowest first: the type, and version and length of the header. */
    private static final int PLAIN_IPV4 = 0x45_0008;
    /** What the quick look may read. */
    private static final int PLAIN = ETHERNET + IPV4 + TCP;
    private static final int PROTOCOL_IPV4 = 4;
    private static final int PROTOCOL_TCP = 6;
    private static final int PROTOCOL_UDP = 17;
    private static final int PROTOCOL_IPV6 = 41;
    private static final int HOP_OPTIONS = 0;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
    /** Nested IP headers and IPv6 options that are looked through, so that the work is bounded. */
    private static final int MOST_HEADERS = 8;

    private PartialChecksum() {
    }

    /**
     * Finishes the checksum of a packet if it is not: TCP or UDP over IPv4 or IPv6, behind VLAN tags and outer IP headers, too.
     *
     * @param data address of the Ethernet header
     * @param length of the packet in bytes
     * @return whether there was something to finish
     */
    public static boolean finish(long data, int length) {
        return mayBeUnfinished(data, length) && finishAny(data, length);
    }

    /**
     * Quickly false for most packets that are finished: TCP and UDP right behind an IPv4 header without options. What else is wrong with such a packet need
     * not be known then. 3 ns where {@link #finishAny} takes 9.
     */
    private static boolean mayBeUnfinished(long data, int length) {
        if (length < PLAIN || (Memory.getInt(data + ETHERNET - 2) & 0xff_ffff) != PLAIN_IPV4) {
            return true;
        }
        long header = data + ETHERNET;
        int protocol = Memory.getByte(header + 9) & 0xff;
        if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) {
            return true;
        }
        long addresses = Memory.getLong(header + 12);
        long pseudo = (addresses & 0xffff_ffffL) + (addresses >>> 32) + pseudoEnd(protocol, word(header + 2) - IPV4);
        return Memory.getShort(header + IPV4 + (protocol == PROTOCOL_TCP ? TCP_CHECKSUM : UDP_CHECKSUM)) == (short) fold(pseudo);
    }

    private static boolean finishAny(long data, int length) {
        if (length < ETHERNET) {
            return false;
        }
        int type = word(data + ETHERNET - 2);
        int offset = ETHERNET;
        while ((type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) && offset + VLAN <= length) {
            type = word(data + offset + 2);
            offset += VLAN;
        }
        int protocol = type == ETHERTYPE_IPV4 ? PROTOCOL_IPV4 : type == ETHERTYPE_IPV6 ? PROTOCOL_IPV6 : -1;
        // Of the innermost IP header: its addresses, and where the packet ends.
        long addresses = 0;
        int addressBytes = 0;
        int end = length;
        for (int headers = 0; headers < MOST_HEADERS; headers++) {
            long header = data + offset;
            switch (protocol) {
                case PROTOCOL_IPV4 -> {
                    if (end - offset < IPV4 || (word(header + 6) & MORE_FRAGMENTS_AND_OFFSET) != 0) {
                        return false;
                    }
                    int headerLength = (Memory.getByte(header) & 0xf) * 4;
                    int packetEnd = offset + word(header + 2);
                    if (headerLength < IPV4 || packetEnd > end || offset + headerLength > packetEnd) {
                        return false;
                    }
                    addresses = header + 12;
                    addressBytes = 8;
                    protocol = Memory.getByte(header + 9) & 0xff;
                    end = packetEnd;
                    offset += headerLength;
                }
                case PROTOCOL_IPV6 -> {
                    int packetEnd = end - offset < IPV6 ? Integer.MAX_VALUE : offset + IPV6 + word(header + 4);
                    if (packetEnd > end) {
                        return false;
                    }
                    addresses = header + 8;
                    addressBytes = 32;
                    protocol = Memory.getByte(header + 6) & 0xff;
                    end = packetEnd;
                    offset += IPV6;
                }
                case HOP_OPTIONS, DESTINATION_OPTIONS -> {
                    if (addressBytes != 32 || end - offset < 8) {
                        return false;
                    }
                    protocol = Memory.getByte(header) & 0xff;
                    offset += 8 + (Memory.getByte(header + 1) & 0xff) * 8;
                }
                case PROTOCOL_TCP -> {
                    return finish(header, end - offset, TCP, TCP_CHECKSUM, protocol, addresses, addressBytes);
                }
                case PROTOCOL_UDP -> {
                    return finish(header, end - offset, UDP, UDP_CHECKSUM, protocol, addresses, addressBytes);
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    private static boolean finish(long segment, int length, int shortest, int place, int protocol, long addresses, int addressBytes) {
        if (length < shortest) {
            return false;
        }
        long pseudo = sum(addresses, addressBytes) + pseudoEnd(protocol, length);
        short field = Memory.getShort(segment + place);
        if (field == 0 || field != (short) fold(pseudo)) {
            return false;
        }
        short checksum = (short) ~fold(sum(segment, length));
        // A UDP checksum of 0 would mean that there is none (RFC 768); for TCP both are the same number.
        Memory.putShort(segment + place, protocol == PROTOCOL_UDP && checksum == 0 ? (short) -1 : checksum);
        return true;
    }

    /** The sum of what the pseudo header has behind the addresses. */
    private static long pseudoEnd(int protocol, int length) {
        return Short.toUnsignedInt(Short.reverseBytes((short) protocol)) + Short.toUnsignedInt(Short.reverseBytes((short) length));
    }

    /** The ones' complement sum of 16-bit words is the same in either byte order, but for the order of its own bytes (RFC 1071, 2.B). */
    private static long sum(long address, int length) {
        long sum = 0;
        int i = 0;
        for (; i + Integer.BYTES <= length; i += Integer.BYTES) {
            sum += Integer.toUnsignedLong(Memory.getInt(address + i));
        }
        if (i + Short.BYTES <= length) {
            sum += Short.toUnsignedInt(Memory.getShort(address + i));
            i += Short.BYTES;
        }
        return i < length ? sum + Byte.toUnsignedInt(Memory.getByte(address + i)) : sum;
    }

    private static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16 & 0xffff) + (folded >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    private static int word(long address) {
        return Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(address)));
    }
}
