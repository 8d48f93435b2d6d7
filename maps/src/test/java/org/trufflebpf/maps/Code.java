package org.trufflebpf.maps;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Instructions of a program for the kernel. */
final class Code {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Code add(int opcode, int dst, int src, int offset, int imm) {
        bytes.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).put((byte) opcode).put((byte) (src << 4 | dst))
                .putShort((short) offset).putInt(imm).array());
        return this;
    }

    /** dst = imm. */
    Code set(int dst, long imm) {
        return add(0x18, dst, 0, 0, (int) imm).add(0, 0, 0, 0, (int) (imm >>> 32));
    }

    /** dst = src. */
    Code move(int dst, int src) {
        return add(0xbf, dst, src, 0, 0);
    }

    Code map(int dst, int descriptor) {
        return add(0x18, dst, 1, 0, descriptor).add(0, 0, 0, 0, 0);
    }

    /** dst = address of the value 0 of an array. */
    Code value(int dst, int descriptor) {
        return add(0x18, dst, 2, 0, descriptor).add(0, 0, 0, 0, 0);
    }

    Code call(int helper) {
        return add(0x85, 0, 0, 0, helper);
    }

    /** *(u64 *)(dst + offset) = src. */
    Code store(int dst, int offset, int src) {
        return add(0x7b, dst, src, offset, 0);
    }

    /** if (dst == 0) skip the next {@code count} slots. */
    Code skipIfZero(int dst, int count) {
        return add(0x15, dst, 0, count, 0);
    }

    Code exit() {
        return add(0xb7, 0, 0, 0, 2).add(0x95, 0, 0, 0, 0);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
