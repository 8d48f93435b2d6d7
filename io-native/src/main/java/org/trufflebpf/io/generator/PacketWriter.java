package org.trufflebpf.io.generator;

import java.util.stream.IntStream;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Writes packet after packet of some traffic: a copy of a template with other values in its varying fields and the checksums that follow from
 * them. Nothing is allocated per packet. One thread, one queue.
 */
public final class PacketWriter implements AutoCloseable {
    /** Bytes after a packet's end that a write may touch. */
    public static final int OVERRUN = 8;

    private static final int WORD = 8;
    /** Above it the library's copy is faster than a loop over words. */
    private static final int SHORT = 128;

    private final NativeBlock block;
    private final Prepared[] templates;
    private final Digits digits;
    /** What the fields of the packet at hand add to checksums. */
    private final long[] summands;
    /** The template of the packet at hand: its number, as collectors have stores of references cost more. */
    private int current;

    /** The share of one of several queues. */
    public PacketWriter(Traffic traffic, int queue, int queues) {
        long size = 0;
        int patches = 0;
        for (FlowTemplate template : traffic.templates()) {
            size += roundUp(template.packet().length);
            patches = Math.max(patches, template.patches().size());
        }
        block = new NativeBlock(Math.max(WORD, size));
        templates = new Prepared[traffic.templates().size()];
        long address = block.address();
        for (int i = 0; i < templates.length; i++) {
            templates[i] = new Prepared(traffic.templates().get(i), address);
            address += roundUp(templates[i].length);
        }
        digits = Digits.of(traffic, queue, queues);
        summands = new long[patches];
    }

    private static int roundUp(int length) {
        return length + WORD - 1 & -WORD;
    }

    /** Chooses the next packet and gives its length in bytes. */
    public int next() {
        digits.next();
        current = (int) digits.digits[0];
        return templates[current].length;
    }

    /** Writes the packet that was chosen to {@code data}, where there are its length and {@link #OVERRUN} more bytes. */
    public void write(long data) {
        Prepared template = templates[current];
        if (template.length <= SHORT) {
            for (int i = 0; i < template.length; i += WORD) {
                Memory.putLong(data + i, Memory.getLong(template.address + i));
            }
        } else {
            Memory.copy(template.address, data, template.length);
        }
        for (int i = 0; i < template.patches.length; i++) {
            summands[i] = template.patches[i].write(data, digits.digits);
        }
        for (Sum sum : template.sums) {
            sum.write(data, summands);
        }
    }

    @Override
    public void close() {
        block.close();
    }

    private static final class Prepared {
        final long address;
        final int length;
        final Place[] patches;
        final Sum[] sums;

        Prepared(FlowTemplate template, long address) {
            this.address = address;
            this.length = template.packet().length;
            Memory.copyFrom(template.packet(), 0, address, length);
            patches = template.patches().stream().map(Place::new).toArray(Place[]::new);
            sums = template.checksums().stream().map(Sum::new).toArray(Sum[]::new);
        }
    }

    /** Where a field lies: some or all bits of the smallest word that starts at its first byte and holds it. */
    private static final class Place {
        private final long first;
        private final long[] values;
        private final int digit;
        private final int offset;
        private final int bytes;
        private final int shift;
        private final long mask;
        private final boolean whole;

        Place(Patch patch) {
            int used = patch.bit() % Byte.SIZE + patch.bits();
            this.first = patch.first();
            this.values = patch.values();
            this.digit = patch.variable() + 1;
            this.offset = patch.bit() / Byte.SIZE;
            this.bytes = used <= 8 ? 1 : used <= 16 ? 2 : used <= 32 ? 4 : 8;
            this.shift = bytes * Byte.SIZE - used;
            this.mask = -1L >>> Long.SIZE - patch.bits() << shift;
            this.whole = patch.bits() == bytes * Byte.SIZE;
        }

        /**
         * Gives what the field adds to checksums. A word that is all field is not read: what another field's write of a part of it left behind
         * would have to be waited for.
         */
        long write(long data, long[] digits) {
            long value = values == null ? first + digits[digit] : values[(int) digits[digit]];
            long place = data + offset;
            long word = whole ? value : read(place) & ~mask | value << shift & mask;
            switch (bytes) {
                case 1 -> Memory.putByte(place, (byte) word);
                case 2 -> Memory.putShort(place, Short.reverseBytes((short) word));
                case 4 -> Memory.putInt(place, Integer.reverseBytes((int) word));
                default -> Memory.putLong(place, Long.reverseBytes(word));
            }
            // The same modulo 65535, as 2^32 is 1 there: 33 bits, which leave room for sums of thousands of fields with factors of 16 bits.
            return (value >>> 32) + (value & 0xffff_ffffL);
        }

        private long read(long place) {
            return switch (bytes) {
                case 1 -> Memory.getByte(place);
                case 2 -> Short.reverseBytes(Memory.getShort(place));
                case 4 -> Integer.reverseBytes(Memory.getInt(place));
                default -> Long.reverseBytes(Memory.getLong(place));
            };
        }
    }

    private static final class Sum {
        private final int offset;
        private final long start;
        /** Which fields count, and how much. */
        private final int[] fields;
        private final int[] factors;
        private final boolean neverZero;

        Sum(Checksum checksum) {
            offset = checksum.offset();
            start = checksum.start();
            fields = IntStream.range(0, checksum.factors().size()).filter(i -> checksum.factors().get(i) != 0).toArray();
            factors = IntStream.of(fields).map(i -> checksum.factors().get(i)).toArray();
            neverZero = checksum.neverZero();
        }

        void write(long data, long[] summands) {
            long sum = start;
            for (int i = 0; i < fields.length; i++) {
                sum += factors[i] * summands[fields[i]];
            }
            sum = (sum >>> 32) + (sum & 0xffff_ffffL);
            sum = (sum >>> 16) + (sum & 0xffff);
            while (sum > Checksum.MODULUS) {
                sum = (sum >>> 16) + (sum & 0xffff);
            }
            int checksum = ~(int) sum & 0xffff;
            Memory.putShort(data + offset, Short.reverseBytes((short) (neverZero && checksum == 0 ? 0xffff : checksum)));
        }
    }
}
