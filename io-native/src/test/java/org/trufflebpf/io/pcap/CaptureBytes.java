package org.trufflebpf.io.pcap;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes captures of every kind that the reader knows, byte by byte as the formats' drafts say. Methods chain; the order is the file's. */
public final class CaptureBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private ByteOrder order;

    public CaptureBytes(ByteOrder order) {
        this.order = order;
    }

    /** A whole nanosecond pcap of packets one microsecond apart, the first at second 1. */
    public static byte[] pcap(byte[]... packets) {
        CaptureBytes capture = new CaptureBytes(ByteOrder.LITTLE_ENDIAN).pcapHeader(true, 1);
        for (int i = 0; i < packets.length; i++) {
            capture.pcapPacket(1, i * 1000, packets[i], packets[i].length);
        }
        return capture.toBytes();
    }

    /** A packet of {@code length} bytes that differ with {@code seed}. */
    public static byte[] packet(int seed, int length) {
        byte[] packet = new byte[length];
        for (int i = 0; i < length; i++) {
            packet[i] = (byte) (seed * 31 + i + 1);
        }
        return packet;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    public CaptureBytes u8(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    public CaptureBytes u16(int... values) {
        for (int value : values) {
            bytes.writeBytes(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
        }
        return this;
    }

    public CaptureBytes u32(long... values) {
        for (long value : values) {
            bytes.writeBytes(ByteBuffer.allocate(4).order(order).putInt((int) value).array());
        }
        return this;
    }

    public CaptureBytes s64(long value) {
        bytes.writeBytes(ByteBuffer.allocate(8).order(order).putLong(value).array());
        return this;
    }

    public CaptureBytes raw(byte[] data) {
        bytes.writeBytes(data);
        return this;
    }

    private CaptureBytes padded(byte[] data) {
        return raw(data).raw(new byte[-data.length & 3]);
    }

    public CaptureBytes pcapHeader(boolean nanoseconds, int linkType) {
        return u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4).u16(2, 4).u32(0, 0, 65535, linkType);
    }

    public CaptureBytes pcapPacket(long seconds, long fraction, byte[] packet, int originalLength) {
        return u32(seconds, fraction, packet.length, originalLength).raw(packet);
    }

    private CaptureBytes block(int type, CaptureBytes body) {
        int length = 12 + body.bytes.size();
        return u32(type, length).raw(body.toBytes()).u32(length);
    }

    private CaptureBytes body() {
        return new CaptureBytes(order);
    }

    public CaptureBytes section(ByteOrder sectionOrder) {
        order = sectionOrder;
        return block(0x0a0d0d0a, body().u32(0x1a2b3c4d).u16(1, 0).s64(-1));
    }

    /** @param options written by {@link #option} of another instance, or empty */
    public CaptureBytes describeInterface(int linkType, int snapLength, byte[] options) {
        return block(1, body().u16(linkType, 0).u32(snapLength).raw(options));
    }

    public CaptureBytes option(int code, byte... value) {
        return u16(code, value.length).padded(value);
    }

    public CaptureBytes timeOffset(long seconds) {
        return u16(14, 8).s64(seconds);
    }

    public CaptureBytes enhanced(int number, long units, byte[] packet, int originalLength, byte[] options) {
        return block(6, body().u32(number, units >>> 32, units, packet.length, originalLength).padded(packet).raw(options));
    }

    public CaptureBytes obsolete(int number, long units, byte[] packet, int originalLength) {
        return block(2, body().u16(number, 7).u32(units >>> 32, units, packet.length, originalLength).padded(packet));
    }

    public CaptureBytes simple(byte[] packet, int originalLength) {
        return block(3, body().u32(originalLength).padded(packet));
    }

    public CaptureBytes unknown(int type, byte[] body) {
        return block(type, body().padded(body));
    }
}
