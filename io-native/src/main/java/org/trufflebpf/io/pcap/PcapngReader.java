package org.trufflebpf.io.pcap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks of {type, length, body, length again}, the lengths including themselves. A section header sets
 * the byte order and forgets all interfaces. A packet is delivered as soon as its bytes are there; the rest of its block is looked at when
 * the next packet is asked for, so a block may be longer than the window.
 */
final class PcapngReader extends CaptureReader {
    private static final int SECTION_HEADER = 0x0a0d0d0a;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int OBSOLETE_PACKET = 2;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    /** Type and length before, length after. */
    private static final int BLOCK_FRAME = 12;
    private static final int BLOCK_HEADER = 8;
    /** Interface, time (high, low), captured and original length. */
    private static final int PACKET_HEADER = 20;
    /** Original length. */
    private static final int SIMPLE_PACKET_HEADER = 4;

    private static final int OPTION_END = 0;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int OPTION_TIME_OFFSET = 14;
    private static final int MICROSECOND_RESOLUTION = 6;

    /** Bounds what a hostile file can make us remember. */
    private static final int MAX_INTERFACES = 65536;

    private final List<CaptureInterface> interfaces = new ArrayList<>();
    private long blockStart;
    private long blockLength;
    /** Bytes of the current block's body that were not looked at; -1 between blocks. */
    private long rest = -1;

    PcapngReader(CaptureInput input) throws IOException {
        super(input);
        startBlock();
        finishBlock();
    }

    @Override
    boolean advance() throws IOException {
        while (true) {
            if (rest >= 0) {
                finishBlock();
            }
            if (input.isAtEnd()) {
                return false;
            }
            if (startBlock()) {
                return true;
            }
        }
    }

    /** Reads a block up to what {@link #rest} counts; true if it has a packet. */
    private boolean startBlock() throws IOException {
        blockStart = input.offset();
        need(BLOCK_FRAME);
        int type = (int) input.u32(0);
        if (type == SECTION_HEADER) {
            startSection();
            return false;
        }
        takeHeader();
        switch (type) {
            case INTERFACE_DESCRIPTION -> describeInterface();
            case ENHANCED_PACKET -> {
                needBody(PACKET_HEADER);
                packet(source(input.u32(0)).nanoseconds(input.u32(4) << 32 | input.u32(8)), input.u32(12), input.u32(16), PACKET_HEADER);
                return true;
            }
            case OBSOLETE_PACKET -> {
                needBody(PACKET_HEADER);
                packet(source(input.u16(0)).nanoseconds(input.u32(4) << 32 | input.u32(8)), input.u32(12), input.u32(16), PACKET_HEADER);
                return true;
            }
            case SIMPLE_PACKET -> {
                needBody(SIMPLE_PACKET_HEADER);
                long originalLength = input.u32(0);
                long snapLength = source(0).snapLength();
                packet(0, snapLength == 0 ? originalLength : Math.min(originalLength, snapLength), originalLength, SIMPLE_PACKET_HEADER);
                return true;
            }
            default -> {
            }
        }
        return false;
    }

    private void startSection() throws IOException {
        input.setBigEndian(false);
        if ((int) input.u32(8) != BYTE_ORDER_MAGIC) {
            input.setBigEndian(true);
            if ((int) input.u32(8) != BYTE_ORDER_MAGIC) {
                throw input.broken(blockStart, "a section header without a byte-order magic");
            }
        }
        takeHeader();
        needBody(16);
        if (input.u16(4) != 1) {
            throw input.broken(blockStart, "pcapng version " + input.u16(4) + "." + input.u16(6) + " instead of 1.0");
        }
        interfaces.clear();
    }

    private void takeHeader() throws IOException {
        blockLength = input.u32(4);
        if (blockLength < BLOCK_FRAME || (blockLength & 3) != 0) {
            throw input.broken(blockStart, "a block of " + blockLength + " bytes");
        }
        rest = blockLength - BLOCK_FRAME;
        input.advance(BLOCK_HEADER);
    }

    private void describeInterface() throws IOException {
        needBody(8);
        if (interfaces.size() == MAX_INTERFACES) {
            throw input.broken(blockStart, "more than " + MAX_INTERFACES + " interfaces in a section");
        }
        int linkType = input.u16(0);
        long snapLength = input.u32(4);
        take(8);
        int resolution = MICROSECOND_RESOLUTION;
        long offset = 0;
        while (rest > 0) {
            needBody(4);
            int code = input.u16(0);
            int length = input.u16(2);
            take(4);
            if (code == OPTION_END) {
                break;
            }
            int padded = (length + 3) & ~3;
            needBody(padded);
            if (code == OPTION_TIME_RESOLUTION && length >= 1) {
                resolution = input.u8(0);
            } else if (code == OPTION_TIME_OFFSET && length >= 8) {
                offset = input.s64(0);
            }
            take(padded);
        }
        interfaces.add(new CaptureInterface(linkType, snapLength, resolution, offset));
    }

    /** The interface that the current block's packet names. */
    private CaptureInterface source(long number) throws IOException {
        if (number >= interfaces.size()) {
            throw input.broken(blockStart, "a packet of interface " + number + ", but the section describes " + interfaces.size());
        }
        CaptureInterface source = interfaces.get((int) number);
        if (source.linkType() != LinkType.ETHERNET) {
            throw input.broken(blockStart, LinkType.unsupported(source.linkType()));
        }
        return source;
    }

    private void packet(long timestamp, long length, long originalLength, int header) throws IOException {
        if (length > MAX_PACKET || length > rest - header) {
            throw input.broken(blockStart, "a packet of " + length + " bytes in a block of " + blockLength + ": the file is damaged");
        }
        take(header);
        need((int) length);
        setPacket(input.address(), (int) length, originalLength, timestamp);
        take((int) length);
    }

    private void finishBlock() throws IOException {
        if (!input.skip(rest)) {
            throw cut();
        }
        rest = -1;
        need(4);
        if (input.u32(0) != blockLength) {
            throw input.broken(blockStart, "a block of " + blockLength + " bytes that says " + input.u32(0) + " at its end");
        }
        input.advance(4);
    }

    /** The next bytes belong to the block's body and are in the window. */
    private void needBody(int count) throws IOException {
        if (count > rest) {
            throw input.broken(blockStart, "a block of " + blockLength + " bytes, too short for what it holds");
        }
        need(count);
    }

    private void need(int count) throws IOException {
        if (!input.has(count)) {
            throw cut();
        }
    }

    private BrokenCaptureException cut() {
        return input.broken(blockStart, "the file ends inside a block");
    }

    private void take(int count) {
        input.advance(count);
        rest -= count;
    }
}
