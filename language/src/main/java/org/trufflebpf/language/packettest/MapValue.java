package org.trufflebpf.language.packettest;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/**
 * A key or value of a map as a test file writes it.
 *
 * @param parts one after the other in memory, without gaps
 */
public record MapValue(Position position, List<Part> parts) {
    /** A piece of it. */
    public sealed interface Part {
        /**
         * @param width bytes, 1 to 8; 0 for as many as the map's keys or values have
         * @param bigEndian whether the most significant byte comes first; otherwise the least, as on the machines that programs run on
         */
        record Number(BigInteger number, int width, boolean bigEndian) implements Part {
        }

        /** @param bytes callers must not change the array */
        record Bytes(byte[] bytes) implements Part {
        }

        /** @param count bytes */
        record Zeros(int count) implements Part {
        }

        /**
         * Bytes that are not compared; zeros where they are written.
         *
         * @param count bytes
         */
        record Any(int count) implements Part {
        }

        /** Text that zeros fill up to the end of the key or value, if it stands alone. */
        record Text(byte[] bytes) implements Part {
        }
    }

    private record Slot(Part part, int offset, int length) {
    }

    public MapValue {
        parts = List.copyOf(parts);
    }

    /**
     * The bytes in memory.
     *
     * @param size bytes of the map's keys or values
     * @param what for the message: 'key' or 'value'
     */
    byte[] encode(int size, String what) throws PacketTestException {
        List<Slot> slots = layout(size);
        long length = length(size);
        if (length != size) {
            throw new PacketTestException(position, "the map's " + what + "s have " + size + " bytes, this has " + length);
        }
        byte[] bytes = new byte[size];
        for (Slot slot : slots) {
            switch (slot.part()) {
                case Part.Number number -> write(fitting(number, slot.length()), number.bigEndian(), bytes, slot);
                case Part.Bytes raw -> System.arraycopy(raw.bytes(), 0, bytes, slot.offset(), slot.length());
                case Part.Zeros _, Part.Any _ -> {
                }
                case Part.Text text -> System.arraycopy(text.bytes(), 0, bytes, slot.offset(), slot.length());
            }
        }
        return bytes;
    }

    /** Bytes that it takes where there are {@code size}: as many, or it does not fit. */
    long length(int size) throws PacketTestException {
        long length = layout(size).stream().mapToLong(Slot::length).sum();
        boolean filled = parts.size() == 1 && parts.getFirst() instanceof Part.Text && length <= size;
        return filled ? size : length;
    }

    /** Whether bytes of the size that {@code wanted} was encoded to are alike, but for those that are not compared. */
    boolean matches(byte[] wanted, byte[] got) throws PacketTestException {
        byte[] compared = got.clone();
        for (Slot slot : layout(wanted.length)) {
            if (slot.part() instanceof Part.Any) {
                Arrays.fill(compared, slot.offset(), slot.offset() + slot.length(), (byte) 0);
            }
        }
        return Arrays.equals(wanted, compared);
    }

    private List<Slot> layout(int size) throws PacketTestException {
        List<Slot> slots = new ArrayList<>();
        int offset = 0;
        for (Part part : parts) {
            int length = switch (part) {
                case Part.Number number when number.width() != 0 -> number.width();
                case Part.Number _ when size <= 8 -> size;
                case Part.Number _ -> throw new PacketTestException(position,
                        "a number alone fills at most 8 bytes, here are " + size + ": write the fields as in {u32 1, u16 2, zero 2}");
                case Part.Bytes raw -> raw.bytes().length;
                case Part.Zeros zeros -> zeros.count();
                case Part.Any any -> any.count();
                case Part.Text text -> text.bytes().length;
            };
            slots.add(new Slot(part, offset, length));
            offset += length;
        }
        return slots;
    }

    private BigInteger fitting(Part.Number part, int width) throws PacketTestException {
        BigInteger number = part.number();
        boolean fits = number.signum() < 0 ? number.bitLength() < width * 8 : number.bitLength() <= width * 8;
        if (!fits) {
            throw new PacketTestException(position, number + " does not fit into " + width + (width == 1 ? " byte" : " bytes"));
        }
        return number;
    }

    /**
     * What a per-CPU map holds over all CPUs: numbers are added up, other bytes are those of the first CPU.
     *
     * @param values at least one, each of the size that this was encoded to
     */
    byte[] sum(List<byte[]> values) throws PacketTestException {
        byte[] sum = values.getFirst().clone();
        for (Slot slot : layout(sum.length)) {
            if (slot.part() instanceof Part.Number number) {
                BigInteger total = BigInteger.ZERO;
                for (byte[] value : values) {
                    total = total.add(read(value, slot, number.bigEndian()));
                }
                write(total, number.bigEndian(), sum, slot);
            }
        }
        return sum;
    }

    /** Bytes of the size that this was encoded to, written in the way that this is. */
    String print(byte[] bytes) throws PacketTestException {
        StringJoiner text = parts.size() == 1 ? new StringJoiner("") : new StringJoiner(", ", "{", "}");
        for (Slot slot : layout(bytes.length)) {
            text.add(switch (slot.part()) {
                case Part.Number number when number.width() == 0 -> read(bytes, slot, number.bigEndian()).toString();
                case Part.Number number -> (number.bigEndian() ? "be" : "u") + number.width() * 8 + " " + read(bytes, slot, number.bigEndian());
                case Part.Bytes _, Part.Zeros _, Part.Any _ -> "hex " + HexFormat.of().formatHex(bytes, slot.offset(), slot.offset() + slot.length());
                case Part.Text _ when parts.size() == 1 -> quote(bytes);
                case Part.Text _ -> quote(Arrays.copyOfRange(bytes, slot.offset(), slot.offset() + slot.length()));
            });
        }
        return text.toString();
    }

    private static BigInteger read(byte[] bytes, Slot slot, boolean bigEndian) {
        byte[] value = new byte[slot.length()];
        for (int i = 0; i < value.length; i++) {
            value[i] = bytes[slot.offset() + (bigEndian ? i : value.length - 1 - i)];
        }
        return new BigInteger(1, value);
    }

    private static void write(BigInteger number, boolean bigEndian, byte[] bytes, Slot slot) {
        for (int i = 0; i < slot.length(); i++) {
            bytes[slot.offset() + (bigEndian ? slot.length() - 1 - i : i)] = number.shiftRight(8 * i).byteValue();
        }
    }

    private static String quote(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < end; i++) {
            char c = (char) (bytes[i] & 0xff);
            text.append(c >= ' ' && c <= '~' && c != '"' && c != '\\' ? String.valueOf(c) : String.format("\\x%02x", (int) c));
        }
        return text.append('"').toString();
    }
}
