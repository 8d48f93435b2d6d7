package org.trufflebpf.language.packettest;

import static org.trufflebpf.language.packettest.Field.flags;
import static org.trufflebpf.language.packettest.Field.hex;
import static org.trufflebpf.language.packettest.Field.ipv4;
import static org.trufflebpf.language.packettest.Field.ipv6;
import static org.trufflebpf.language.packettest.Field.mac;
import static org.trufflebpf.language.packettest.Field.number;
import static org.trufflebpf.language.packettest.Field.rest;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** The protocol headers that packet tests know, each with its fields and with what it holds when a test says nothing. */
public enum Header {
    ETH("020000000002" + "020000000001" + "0000",
            mac("dst", 0), mac("src", 48), hex("type", 96, 16)),
    /** IEEE 802.1Q tag; the type before it is 0x8100. */
    VLAN("0001" + "0000",
            number("pcp", 0, 3), number("dei", 3, 1), number("vid", 4, 12), hex("type", 16, 16)),
    /** IEEE 802.1ad service tag; the type before it is 0x88a8. */
    QINQ("0001" + "0000",
            number("pcp", 0, 3), number("dei", 3, 1), number("vid", 4, 12), hex("type", 16, 16)),
    ARP("0001" + "0800" + "06" + "04" + "0001" + "020000000001" + "0a000001" + "000000000000" + "0a000002",
            number("htype", 0, 16), hex("ptype", 16, 16), number("hlen", 32, 8), number("plen", 40, 8), number("op", 48, 16),
            mac("sha", 64), ipv4("spa", 112), mac("tha", 144), ipv4("tpa", 192)),
    IPV4("45" + "00" + "0000" + "0000" + "0000" + "40" + "00" + "0000" + "0a000001" + "0a000002",
            number("version", 0, 4), number("ihl", 4, 4), hex("tos", 8, 8), number("length", 16, 16), number("id", 32, 16),
            number("reserved", 48, 1), number("df", 49, 1), number("mf", 50, 1), number("fragment", 51, 13),
            number("ttl", 64, 8), number("proto", 72, 8), hex("checksum", 80, 16), ipv4("src", 96), ipv4("dst", 128), rest("options", 160)),
    IPV6("60000000" + "0000" + "00" + "40" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002",
            number("version", 0, 4), hex("class", 4, 8), hex("flow", 12, 20), number("length", 32, 16), number("next", 48, 8),
            number("hops", 56, 8), ipv6("src", 64), ipv6("dst", 192)),
    TCP("04d2" + "0050" + "00000000" + "00000000" + "50" + "02" + "faf0" + "0000" + "0000",
            number("sport", 0, 16), number("dport", 16, 16), number("seq", 32, 32), number("ack", 64, 32), number("offset", 96, 4),
            number("reserved", 100, 4), flags("flags", 104), number("window", 112, 16), hex("checksum", 128, 16), number("urgent", 144, 16),
            rest("options", 160)),
    UDP("04d2" + "0035" + "0000" + "0000",
            number("sport", 0, 16), number("dport", 16, 16), number("length", 32, 16), hex("checksum", 48, 16)),
    ICMP("08" + "00" + "0000" + "0001" + "0001",
            number("type", 0, 8), number("code", 8, 8), hex("checksum", 16, 16), number("id", 32, 16), number("seq", 48, 16)),
    ICMPV6("80" + "00" + "0000" + "0001" + "0001",
            number("type", 0, 8), number("code", 8, 8), hex("checksum", 16, 16), number("id", 32, 16), number("seq", 48, 16)),
    /** Whatever follows the last header. */
    PAYLOAD("", rest("data", 0));

    private final byte[] initial;
    private final List<Field> fields;

    Header(String initial, Field... fields) {
        this.initial = HexFormat.of().parseHex(initial);
        this.fields = List.of(fields);
    }

    /** As test files spell it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Bytes without the variable part. */
    public int size() {
        return initial.length;
    }

    /** In the order of the wire; the variable one, if any, last. */
    public List<Field> fields() {
        return fields;
    }

    /** A fresh header with the default values; fields that follow from other ones are zero. */
    byte[] initial() {
        return initial.clone();
    }

    /** The field of that name, or null. */
    public Field field(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** The header of that name, or null. */
    static Header named(String text) {
        for (Header header : values()) {
            if (header.text().equals(text)) {
                return header;
            }
        }
        return null;
    }

    /** The header that follows an Ethernet type; null if none of ours does. */
    static Header ofEtherType(int type) {
        return switch (type) {
            case 0x0800 -> IPV4;
            case 0x0806 -> ARP;
            case 0x8100 -> VLAN;
            case 0x86dd -> IPV6;
            case 0x88a8 -> QINQ;
            default -> null;
        };
    }

    /** The Ethernet type that announces this header; 0x88b5, which is set aside for experiments, for those that have none. */
    int etherType() {
        return switch (this) {
            case IPV4 -> 0x0800;
            case ARP -> 0x0806;
            case VLAN -> 0x8100;
            case IPV6 -> 0x86dd;
            case QINQ -> 0x88a8;
            case ETH, TCP, UDP, ICMP, ICMPV6, PAYLOAD -> 0x88b5;
        };
    }

    /** The header that follows an IP protocol number; null if none of ours does. */
    static Header ofProtocol(int protocol) {
        return switch (protocol) {
            case 1 -> ICMP;
            case 4 -> IPV4;
            case 6 -> TCP;
            case 17 -> UDP;
            case 41 -> IPV6;
            case 58 -> ICMPV6;
            default -> null;
        };
    }

    /** The IP protocol number that announces this header; 253, which is set aside for experiments, for those that have none. */
    int protocol() {
        return switch (this) {
            case ICMP -> 1;
            case IPV4 -> 4;
            case TCP -> 6;
            case UDP -> 17;
            case IPV6 -> 41;
            case ICMPV6 -> 58;
            case ETH, VLAN, QINQ, ARP, PAYLOAD -> 253;
        };
    }
}
