package org.trufflebpf.language.packettest;

import java.util.List;

/** The checksums of IPv4, TCP, UDP and ICMP (RFC 791, 9293, 768, 792, 4443). */
final class Checksums {
    private Checksums() {
    }

    /**
     * Fills in the checksum of one layer.
     *
     * @param layers all layers of {@code packet}, the checksum's own and the IP header before it among them
     * @param index a layer that has a checksum
     */
    static void fill(byte[] packet, List<DecodedLayer> layers, int index) {
        DecodedLayer layer = layers.get(index);
        Field field = layer.header().field("checksum");
        field.writeInt(packet, layer.offset(), 0);
        int sum = switch (layer.header()) {
            case IPV4 -> complement(sum(packet, layer.offset(), layer.offset() + layer.length(), 0));
            case ICMP -> complement(sum(packet, layer.offset(), end(packet, layers, index), 0));
            case TCP, UDP, ICMPV6 -> complement(sum(packet, layer.offset(), end(packet, layers, index), pseudoHeader(packet, layers, index)));
            case ETH, VLAN, QINQ, ARP, IPV6, PAYLOAD -> throw new IllegalArgumentException(layer.header() + " has no checksum");
        };
        // In UDP zero says that there is no checksum (RFC 768).
        field.writeInt(packet, layer.offset(), layer.header() == Header.UDP && sum == 0 ? 0xffff : sum);
    }

    /** Where the IP packet around the layer ends: Ethernet may have padded the frame. */
    private static int end(byte[] packet, List<DecodedLayer> layers, int index) {
        if (index == 0) {
            return packet.length;
        }
        DecodedLayer ip = layers.get(index - 1);
        Field length = ip.header().field("length");
        int said = switch (ip.header()) {
            case IPV4 -> ip.offset() + length.readInt(packet, ip.offset());
            case IPV6 -> ip.offset() + ip.length() + length.readInt(packet, ip.offset());
            case ETH, VLAN, QINQ, ARP, TCP, UDP, ICMP, ICMPV6, PAYLOAD -> packet.length;
        };
        return said < layers.get(index).offset() || said > packet.length ? packet.length : said;
    }

    private static long pseudoHeader(byte[] packet, List<DecodedLayer> layers, int index) {
        if (index == 0) {
            return 0;
        }
        DecodedLayer ip = layers.get(index - 1);
        Header header = ip.header();
        if (header != Header.IPV4 && header != Header.IPV6) {
            return 0;
        }
        byte[] source = ip.read(packet, header.field("src"));
        byte[] destination = ip.read(packet, header.field("dst"));
        long length = end(packet, layers, index) - layers.get(index).offset();
        return sum(source, 0, source.length, 0) + sum(destination, 0, destination.length, 0)
                + layers.get(index).header().protocol() + (length & 0xffff) + (length >> 16);
    }

    /** The sum of 16-bit words that RFC 1071 describes, not yet folded. */
    private static long sum(byte[] bytes, int from, int to, long start) {
        long sum = start;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
        }
        return sum;
    }

    private static int complement(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded & 0xffff) + (folded >> 16);
        }
        return (int) (~folded & 0xffff);
    }
}
