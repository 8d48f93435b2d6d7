package org.trufflebpf.language.run;

import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.run.PacketTrace.Comparison;

/** Packets near one that was run, for which its comparisons come out differently. */
final class PacketMutations {
    /** Packet bytes that a comparison can be made of: more are a checksum or a hash, which no guess undoes. */
    private static final int MAX_BYTES = 16;
    /** Bytes of which every value is tried. */
    private static final int MAX_ENUMERATED = 2;

    private final byte[] packet;
    private final Set<byte[]> made = new LinkedHashSet<>();

    private PacketMutations(byte[] packet) {
        this.packet = packet;
    }

    /** Lengths first, then values that were compared with, then guesses. */
    static Set<byte[]> of(byte[] packet, PacketTrace trace) {
        PacketMutations mutations = new PacketMutations(packet);
        for (int length : new TreeSet<>(trace.lengths())) {
            mutations.made.add(Arrays.copyOf(packet, length));
        }
        for (BitSet bytes : trace.offsets()) {
            mutations.extremes(bytes);
        }
        for (Comparison comparison : trace.comparisons()) {
            mutations.swap(comparison.condition(), comparison.left(), comparison.right(), comparison.leftBytes());
            mutations.swap(comparison.condition(), comparison.right(), comparison.left(), comparison.rightBytes());
        }
        for (Comparison comparison : trace.comparisons()) {
            mutations.guess(comparison.leftBytes());
            mutations.guess(comparison.rightBytes());
        }
        trace.offsets().forEach(mutations::guess);
        return mutations.made;
    }

    private void extremes(BitSet bytes) {
        if (bytes.cardinality() <= MAX_BYTES) {
            for (int value : new int[]{0xff, 0x7f, 0x80, 0}) {
                byte[] changed = packet.clone();
                bytes.stream().filter(at -> at < changed.length).forEach(at -> changed[at] = (byte) value);
                made.add(changed);
            }
        }
    }

    /** Where the bytes hold {@code mine}, in either byte order, what makes the comparison with {@code other} come out differently. */
    private void swap(Condition condition, long mine, long other, BitSet bytes) {
        int first = bytes.nextSetBit(0);
        int size = bytes.cardinality();
        if (first < 0 || size > 8 || bytes.length() - first != size || bytes.length() > packet.length) {
            return;
        }
        long[] values = condition == Condition.SET ? new long[]{mine | other, mine & ~other} : new long[]{other, other + 1, other - 1};
        long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
        for (boolean bigEndian : new boolean[]{false, true}) {
            if (read(first, size, bigEndian) == (mine & mask)) {
                for (long value : values) {
                    made.add(written(first, size, bigEndian, value));
                }
            }
        }
    }

    private long read(int first, int size, boolean bigEndian) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (packet[first + i] & 0xffL) << 8 * (bigEndian ? size - 1 - i : i);
        }
        return value;
    }

    private byte[] written(int first, int size, boolean bigEndian, long value) {
        byte[] changed = packet.clone();
        for (int i = 0; i < size; i++) {
            changed[first + i] = (byte) (value >>> 8 * (bigEndian ? size - 1 - i : i));
        }
        return changed;
    }

    /** All values of bytes that were masked or shifted before they were compared. */
    private void guess(BitSet bytes) {
        if (bytes.cardinality() <= MAX_ENUMERATED) {
            for (int at = bytes.nextSetBit(0); at >= 0 && at < packet.length; at = bytes.nextSetBit(at + 1)) {
                for (int value = 0; value < 256; value++) {
                    byte[] changed = packet.clone();
                    changed[at] = (byte) value;
                    made.add(changed);
                }
            }
        } else {
            extremes(bytes);
        }
    }
}
