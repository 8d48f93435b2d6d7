package org.trufflebpf.io.pcap;

import java.io.IOException;

/** The classic format (draft-ietf-opsawg-pcap): a header of 24 bytes, then packets with a header of 16 bytes each. */
final class PcapReader extends CaptureReader {
    private static final int FILE_HEADER = 24;
    private static final int PACKET_HEADER = 16;
    /** The link type's field has the length of a frame check sequence in its upper bits. */
    private static final int LINK_TYPE_MASK = 0x03ffffff;

    private final int nanosecondsPerUnit;

    PcapReader(CaptureInput input, int nanosecondsPerUnit) throws IOException {
        super(input);
        this.nanosecondsPerUnit = nanosecondsPerUnit;
        if (!input.has(FILE_HEADER)) {
            throw input.broken(0, "the file ends inside the pcap file header");
        }
        if (input.u16(4) != 2 || input.u16(6) != 4) {
            throw input.broken(4, "pcap version " + input.u16(4) + "." + input.u16(6) + " instead of 2.4");
        }
        int linkType = (int) input.u32(20) & LINK_TYPE_MASK;
        if (linkType != LinkType.ETHERNET) {
            throw input.broken(20, LinkType.unsupported(linkType));
        }
        input.advance(FILE_HEADER);
    }

    @Override
    boolean advance() throws IOException {
        if (!input.has(PACKET_HEADER)) {
            if (input.isAtEnd()) {
                return false;
            }
            throw input.broken(input.offset(), "the file ends inside a packet header");
        }
        long length = input.u32(8);
        if (length > MAX_PACKET) {
            throw input.broken(input.offset(), "a packet of " + length + " bytes, more than " + MAX_PACKET + ": the file is damaged");
        }
        if (!input.has(PACKET_HEADER + (int) length)) {
            throw input.broken(input.offset(), "the file ends inside a packet of " + length + " bytes");
        }
        long timestamp = input.u32(0) * 1_000_000_000 + input.u32(4) * nanosecondsPerUnit;
        setPacket(input.address() + PACKET_HEADER, (int) length, input.u32(12), timestamp);
        input.advance(PACKET_HEADER + (int) length);
        return true;
    }
}
