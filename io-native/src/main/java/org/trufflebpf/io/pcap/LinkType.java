package org.trufflebpf.io.pcap;

/** Numbers of the registry of link-layer header types (draft-ietf-opsawg-pcaplinktype). */
final class LinkType {
    static final int ETHERNET = 1;

    private LinkType() {
    }

    /** Why packets of this type cannot be read. */
    static String unsupported(int type) {
        String name = switch (type) {
            case 0 -> " (NULL)";
            case 9 -> " (PPP)";
            case 12, 101 -> " (RAW)";
            case 105 -> " (IEEE802_11)";
            case 108 -> " (LOOP)";
            case 113 -> " (LINUX_SLL)";
            case 127 -> " (IEEE802_11_RADIOTAP)";
            case 228 -> " (IPV4)";
            case 229 -> " (IPV6)";
            case 276 -> " (LINUX_SLL2)";
            default -> "";
        };
        return "link type " + type + name + ": XDP programs need Ethernet (" + ETHERNET + ") packets, capture on an Ethernet interface";
    }
}
