package org.trufflebpf.language.packettest;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the headers of an Ethernet frame. Any bytes will do: a header that is cut, or that the one before does not announce, is payload.
 */
public final class PacketDecoder {
    private final byte[] packet;
    private final List<DecodedLayer> layers = new ArrayList<>();
    private final Map<Header, Integer> seen = new EnumMap<>(Header.class);

    private PacketDecoder(byte[] packet) {
        this.packet = packet;
    }

    /** The layers of {@code packet}, outermost first; together they cover all of it. */
    public static List<DecodedLayer> decode(byte[] packet) {
        return new PacketDecoder(packet).decode();
    }

    private List<DecodedLayer> decode() {
        int offset = 0;
        Header header = Header.ETH;
        // Every header takes at least four bytes, so this ends.
        while (header != null && packet.length - offset >= header.size()) {
            int length = header.size() + optionBytes(header, offset);
            Header next = next(header, offset);
            add(header, offset, length);
            offset += length;
            header = next;
        }
        if (offset < packet.length) {
            add(Header.PAYLOAD, offset, packet.length - offset);
        }
        return layers;
    }

    private void add(Header header, int offset, int length) {
        layers.add(new DecodedLayer(header, seen.merge(header, 1, Integer::sum), offset, length));
    }

    /** What the header says it has beyond its fixed part, as far as the packet has it; 0 if it says less than that part. */
    private int optionBytes(Header header, int offset) {
        int words = switch (header) {
            case IPV4 -> header.field("ihl").readInt(packet, offset);
            case TCP -> header.field("offset").readInt(packet, offset);
            case ETH, VLAN, QINQ, ARP, IPV6, UDP, ICMP, ICMPV6, PAYLOAD -> 0;
        };
        return Math.clamp(words * 4L - header.size(), 0, packet.length - offset - header.size());
    }

    private Header next(Header header, int offset) {
        return switch (header) {
            case ETH, VLAN, QINQ -> Header.ofEtherType(header.field("type").readInt(packet, offset));
            // Only the first fragment starts with a header.
            case IPV4 -> header.field("fragment").readInt(packet, offset) == 0
                    ? Header.ofProtocol(header.field("proto").readInt(packet, offset)) : null;
            case IPV6 -> Header.ofProtocol(header.field("next").readInt(packet, offset));
            case ARP, TCP, UDP, ICMP, ICMPV6, PAYLOAD -> null;
        };
    }

    /** The layer that {@code change} is about, or null. */
    static DecodedLayer find(List<DecodedLayer> layers, Change.OfField change) {
        for (DecodedLayer layer : layers) {
            if (layer.header() == change.header() && layer.occurrence() == change.occurrence()) {
                return layer;
            }
        }
        return null;
    }
}
