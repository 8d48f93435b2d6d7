package org.trufflebpf.language.packettest;

import java.util.Arrays;

/**
 * A header found in a packet; the last layer is what follows the last header, if anything does.
 *
 * @param occurrence which of several headers of that kind, from 1, outermost first
 * @param offset of its first byte
 * @param length bytes, options included
 */
public record DecodedLayer(Header header, int occurrence, int offset, int length) {
    /** As test files spell it: {@code ipv4}, {@code ipv4.2}. */
    public String text() {
        return occurrence == 1 ? header.text() : header.text() + "." + occurrence;
    }

    /** What {@code packet}, in which this was found, holds in {@code field}, as test files write it. */
    public String print(byte[] packet, Field field) {
        return field.format().print(read(packet, field));
    }

    /** What {@code packet}, in which this was found, holds in {@code field}, which has a fixed width of at most 64 bits; unsigned. */
    public long number(byte[] packet, Field field) {
        long number = 0;
        for (byte part : read(packet, field)) {
            number = number << Byte.SIZE | part & 0xff;
        }
        return number;
    }

    /** What {@code packet}, in which this was found, holds in {@code field}. */
    byte[] read(byte[] packet, Field field) {
        return field.isVariable() ? Arrays.copyOfRange(packet, offset + field.bit() / 8, offset + length) : field.read(packet, offset);
    }
}
