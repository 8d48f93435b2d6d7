package org.trufflebpf.language.packettest;

/**
 * A field of a protocol header.
 *
 * @param bit its first bit, counted from the header's first, most significant bit on
 * @param bits its width; 0 for the one field at a header's end that takes a variable number of bytes
 * @param format how people write it
 */
public record Field(String name, int bit, int bits, FieldFormat format) {
    static Field number(String name, int bit, int bits) {
        return new Field(name, bit, bits, FieldFormat.NUMBER);
    }

    static Field hex(String name, int bit, int bits) {
        return new Field(name, bit, bits, FieldFormat.HEX);
    }

    static Field mac(String name, int bit) {
        return new Field(name, bit, 48, FieldFormat.MAC);
    }

    static Field ipv4(String name, int bit) {
        return new Field(name, bit, 32, FieldFormat.IPV4);
    }

    static Field ipv6(String name, int bit) {
        return new Field(name, bit, 128, FieldFormat.IPV6);
    }

    static Field flags(String name, int bit) {
        return new Field(name, bit, 8, FieldFormat.TCP_FLAGS);
    }

    /** The bytes from {@code bit} to the end of the header. */
    static Field rest(String name, int bit) {
        return new Field(name, bit, 0, FieldFormat.BYTES);
    }

    public boolean isVariable() {
        return bits == 0;
    }

    /** Bytes that hold a value of this field. */
    int valueBytes() {
        return (bits + 7) / 8;
    }

    /** The field of a header that starts at {@code offset}, right-aligned in as many bytes as it needs. */
    byte[] read(byte[] packet, int offset) {
        byte[] value = new byte[valueBytes()];
        for (int i = 0; i < bits; i++) {
            int from = offset * 8 + bit + i;
            int to = value.length * 8 - bits + i;
            value[to / 8] |= (byte) ((packet[from / 8] >> 7 - from % 8 & 1) << 7 - to % 8);
        }
        return value;
    }

    /** Writes a value as {@link #read} gives it; the bits around the field stay. */
    void write(byte[] packet, int offset, byte[] value) {
        for (int i = 0; i < bits; i++) {
            int from = value.length * 8 - bits + i;
            int to = offset * 8 + bit + i;
            int mask = 1 << 7 - to % 8;
            boolean set = (value[from / 8] >> 7 - from % 8 & 1) != 0;
            packet[to / 8] = (byte) (set ? packet[to / 8] | mask : packet[to / 8] & ~mask);
        }
    }

    int readInt(byte[] packet, int offset) {
        int number = 0;
        for (byte part : read(packet, offset)) {
            number = number << 8 | part & 0xff;
        }
        return number;
    }

    void writeInt(byte[] packet, int offset, int number) {
        byte[] value = new byte[valueBytes()];
        for (int i = 0; i < value.length; i++) {
            int shift = (value.length - 1 - i) * 8;
            value[i] = shift < 32 ? (byte) (number >>> shift) : 0;
        }
        write(packet, offset, value);
    }
}
