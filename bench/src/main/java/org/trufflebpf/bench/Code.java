package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Instructions as RFC 9669 has them, one after the other. */
final class Code {
    private final ByteBuffer buffer;

    /** @param most instructions, 64-bit constants counted twice */
    Code(int most) {
        buffer = ByteBuffer.allocate(8 * most).order(ByteOrder.LITTLE_ENDIAN);
    }

    Code add(int opcode, int destination, int source, int offset, int immediate) {
        buffer.put((byte) opcode).put((byte) (source << 4 | destination)).putShort((short) offset).putInt(immediate);
        return this;
    }

    Code constant(int destination, int source, long value) {
        return add(0x18, destination, source, 0, (int) value).add(0, 0, 0, 0, source == 0 ? (int) (value >>> 32) : 0);
    }

    /**
     * Writes bytes to the start of the packet, by the registers 2 to 4. Where the packet is shorter nothing is written and {@code skip} instructions more
     * are passed over.
     *
     * @param bytes at least 8; the last eight may be written twice in part
     * @param context register that has it
     */
    Code bytes(byte[] bytes, int context, int skip) {
        add(0x61, 2, context, 0, 0).add(0x61, 3, context, 4, 0).add(0xbf, 4, 2, 0, 0).add(0x07, 4, 0, 0, bytes.length);
        int words = (bytes.length + 7) / 8;
        add(0x2d, 4, 3, 3 * words + skip, 0);
        ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words; i++) {
            int at = Math.min(8 * i, bytes.length - 8);
            constant(4, 0, source.getLong(at)).add(0x7b, 2, 4, at, 0);
        }
        return this;
    }

    byte[] bytes() {
        byte[] result = new byte[buffer.position()];
        buffer.get(0, result);
        return result;
    }
}
