package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/** Fills maps before a run: ours as a scenario says, then gives what ours hold to others, so that all programs find the same. */
final class MapCopy {
    private MapCopy() {
    }

    static void fill(LoadedObject object, List<Scenario.Entry> entries) {
        for (Scenario.Entry entry : entries) {
            BpfMap map = map(object, entry.map());
            map.put(entry.key(), Arrays.copyOf(entry.value(), map.controlValueSize()), MapFlags.ANY);
        }
    }

    private static BpfMap map(LoadedObject object, String name) {
        return object.maps().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    /**
     * What our maps hold, but for zeros in arrays: no events, and no maps and programs in slots, which are the object's own.
     *
     * @return entries whose values in per-CPU maps are those of our CPUs, each rounded up to 8 bytes
     */
    static List<Scenario.Entry> contents(LoadedObject from, List<MapSpec> maps) {
        List<Scenario.Entry> to = new ArrayList<>();
        for (MapSpec spec : maps) {
            BpfMap map = map(from, spec.name());
            switch (map.kind()) {
                case ARRAY -> addArray(map, to);
                case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_ARRAY, LPM_TRIE, DEVMAP, DEVMAP_HASH, CPUMAP -> {
                    for (Iterator<BpfMap.Entry> entries = map.entries(); entries.hasNext();) {
                        BpfMap.Entry entry = entries.next();
                        if (map.kind() != MapKind.PERCPU_ARRAY || !isZero(entry.value())) {
                            to.add(new Scenario.Entry(map.name(), entry.key(), entry.value()));
                        }
                    }
                }
                default -> {
                }
            }
        }
        return to;
    }

    /** Only what is not zero, and found in memory: arrays may have millions of elements. */
    private static void addArray(BpfMap map, List<Scenario.Entry> to) {
        if (!map.writable() || !map.programsMayWrite()) {
            return;
        }
        for (long index = 0; index < map.maxEntries(); index++) {
            long element = map.valuesAddress() + index * map.stride();
            long bits = 0;
            for (long at = 0; at < map.stride(); at += Long.BYTES) {
                bits |= Memory.getLong(element + at);
            }
            if (bits != 0) {
                byte[] key = {(byte) index, (byte) (index >> 8), (byte) (index >> 16), (byte) (index >> 24)};
                to.add(new Scenario.Entry(map.name(), key, map.get(key)));
            }
        }
    }

    private static boolean isZero(byte[] bytes) {
        for (byte each : bytes) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }
}
