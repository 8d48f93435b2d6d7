package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapKind;

/** Whether programs left the same in maps, ours and the kernel's: of each map some thousand entries, of per-CPU values the sums. */
final class MapAgreement {
    private static final int MOST_ENTRIES = 4096;
    private static final Set<MapKind> COMPARED = EnumSet.of(MapKind.ARRAY, MapKind.HASH, MapKind.LRU_HASH, MapKind.LPM_TRIE, MapKind.PERCPU_ARRAY,
                    MapKind.PERCPU_HASH, MapKind.LRU_PERCPU_HASH);

    private MapAgreement() {
    }

    /** The first difference in words, or null. */
    static String difference(List<MapSpec> maps, LoadedObject ours, KernelObject kernel) {
        for (MapSpec spec : maps) {
            BpfMap own = OwnTable.of(ours, spec).map();
            if (COMPARED.contains(own.kind())) {
                try {
                    String difference = difference(own, kernel.table(spec.name()).map());
                    if (difference != null) {
                        return "map " + spec.name() + ": " + difference;
                    }
                } catch (BpfException e) {
                    throw new IllegalStateException(e.getMessage(), e);
                }
            }
        }
        return null;
    }

    private static String difference(BpfMap own, KernelMap other) throws BpfException {
        long entries = 0;
        for (byte[] key = other.nextKey(null); key != null && entries < MOST_ENTRIES; key = other.nextKey(key)) {
            byte[] theirs = other.lookup(key);
            byte[] value = own.get(key);
            if (theirs != null && !Arrays.equals(of(own, value), of(own, theirs))) {
                return "key " + hex(key) + " has " + hex(of(own, value)) + " in ours, " + hex(of(own, theirs)) + " in the kernel's";
            }
            entries++;
        }
        return entries == MOST_ENTRIES || own.size() == entries ? null : own.size() + " entries in ours, " + entries + " in the kernel's";
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "nothing" : HexFormat.of().formatHex(bytes);
    }

    /** A value, or the sum of those of all CPUs, in words of 8 bytes. */
    private static byte[] of(BpfMap map, byte[] value) {
        if (value == null || !map.kind().isPerCpu()) {
            return value;
        }
        long[] sums = new long[(map.valueSize() + Long.BYTES - 1) / Long.BYTES];
        ByteBuffer words = ByteBuffer.wrap(value);
        for (int word = 0; words.remaining() >= Long.BYTES; word++) {
            sums[word % sums.length] += Long.reverseBytes(words.getLong());
        }
        ByteBuffer result = ByteBuffer.allocate(sums.length * Long.BYTES);
        Arrays.stream(sums).forEach(result::putLong);
        return result.array();
    }
}
