package org.trufflebpf.language.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.HashMap;
import org.trufflebpf.maps.MapFlags;

/** The contents of a map as a whole, the same for the same contents. */
final class MapEntries {
    private MapEntries() {
    }

    /** Queues and stacks have values only. */
    static boolean isKeyless(BpfMap map) {
        return switch (map.kind()) {
            case QUEUE, STACK, BLOOM_FILTER -> true;
            default -> false;
        };
    }

    /** Whether values are programs or maps, which have names that another instance knows. */
    static boolean hasNames(BpfMap map) {
        return switch (map.kind()) {
            case PROG_ARRAY, ARRAY_OF_MAPS, HASH_OF_MAPS -> true;
            case DEVMAP, DEVMAP_HASH, CPUMAP -> map.valueSize() == Long.BYTES;
            default -> false;
        };
    }

    /** Bytes from one CPU's value to the next in what the map's control calls take, 0 for kinds without a value per CPU. */
    static int perCpuStride(BpfMap map) {
        return map.kind().isPerCpu() ? map.controlValueSize() / map.cpus() : 0;
    }

    /** Elements that are always there, so that zero is as good as absent. */
    static boolean isArray(BpfMap map) {
        return switch (map.kind()) {
            case ARRAY, PERCPU_ARRAY -> true;
            default -> false;
        };
    }

    /**
     * Adds an entry or replaces a value.
     *
     * @param value {@code valueSize} bytes, which every CPU gets, or {@code controlValueSize} bytes
     * @throws org.trufflebpf.maps.MapException as the map refuses
     */
    static void put(BpfMap map, byte[] key, byte[] value) {
        if (isKeyless(map)) {
            map.push(value, MapFlags.ANY);
            return;
        }
        byte[] whole = value;
        int stride = perCpuStride(map);
        if (stride > 0 && value.length == map.valueSize() && value.length < map.controlValueSize()) {
            whole = new byte[map.controlValueSize()];
            for (int offset = 0; offset < whole.length; offset += stride) {
                System.arraycopy(value, 0, whole, offset, value.length);
            }
        }
        map.put(key, whole, MapFlags.ANY);
    }

    /**
     * All entries: arrays by index, queues and stacks in the order in which they would be taken out, others by the bytes of their keys.
     *
     * @param zeros whether elements of arrays that are zero are among them
     */
    static List<BpfMap.Entry> of(BpfMap map, boolean zeros) {
        List<BpfMap.Entry> entries = new ArrayList<>();
        Iterator<BpfMap.Entry> iterator = map.entries();
        while (iterator.hasNext()) {
            BpfMap.Entry entry = iterator.next();
            if (zeros || !isArray(map) || !isZero(entry.value())) {
                entries.add(entry);
            }
        }
        if (!isArray(map) && !isKeyless(map)) {
            entries.sort(Comparator.comparing(BpfMap.Entry::key, Arrays::compareUnsigned));
        }
        return entries;
    }

    /**
     * The entries as files have them: without zeros in arrays, of LRU maps those first that would have to make room first, and none where they mean
     * nothing to another process.
     */
    static List<BpfMap.Entry> inOrder(BpfMap map) {
        return switch (map.kind()) {
            case LRU_HASH, LRU_PERCPU_HASH -> ((HashMap) map).entriesByTurn();
            case XSKMAP -> List.of();
            default -> of(map, false);
        };
    }

    static boolean isZero(byte[] bytes) {
        for (byte each : bytes) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }
}
