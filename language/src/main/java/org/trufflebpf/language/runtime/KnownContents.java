package org.trufflebpf.language.runtime;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.nodes.FoldedMaps;
import org.trufflebpf.language.nodes.KeyTable;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/**
 * What the maps of one program hold, read when it is asked for and kept, so that answers agree with each other. Whether the maps have changed
 * meanwhile is the {@link VariantBuilder}'s business. Not for several threads at once.
 */
final class KnownContents implements FoldedMaps {
    /** Elements with which a key is compared one after the other; more of them are looked up faster in a table. */
    static final int MAX_COMPARED = 16;
    /** In bytes: four words. */
    private static final int LONGEST_COMPARED_KEY = 32;

    private final VariantBuilder variant;
    private final MapTable table;
    private final BpfMap[] maps;
    private final Map<Integer, Known> known = new HashMap<>();

    /** What was asked of one map. */
    private static final class Known {
        final Map<ByteBuffer, Integer> numbers = new HashMap<>();
        final List<Long> addresses = new ArrayList<>();
        final Map<Integer, byte[]> values = new HashMap<>();
        Boolean isEmpty;
        /** Nothing when there are too many. */
        List<Entry> entries;
        KeyTable table;
    }

    /** @param maps by number; null for templates */
    KnownContents(VariantBuilder variant, MapTable table, BpfMap[] maps) {
        this.variant = variant;
        this.table = table;
        this.maps = maps;
    }

    private Known known(int map) {
        return known.computeIfAbsent(map, number -> new Known());
    }

    /** Whether it is of a kind that has a list of elements, and the control plane alone changes that. */
    private boolean isTable(int map) {
        return !table.isTemplate(map) && switch (maps[map].kind()) {
            case HASH, PERCPU_HASH, LPM_TRIE -> variant.mayRelyOnElements(maps[map]);
            default -> false;
        };
    }

    private boolean isArray(int map) {
        return !table.isTemplate(map) && maps[map].kind() == MapKind.ARRAY;
    }

    @Override
    public int find(int map, byte[] key) {
        // The same key has another address on each CPU where values are per CPU.
        if (!isArray(map) && (!isTable(map) || maps[map].kind().isPerCpu())) {
            return UNKNOWN;
        }
        return known(map).numbers.computeIfAbsent(ByteBuffer.wrap(key.clone()), bytes -> number(map, bytes.array()));
    }

    private int number(int map, byte[] key) {
        if (isArray(map)) {
            // Its elements never change.
            return number(map, maps[map].find(key, 0));
        }
        variant.look(maps[map]);
        int number = number(map, maps[map].find(key, 0));
        variant.relyOnElements(maps[map], "has constant keys looked up");
        return number;
    }

    private int number(int map, long address) {
        if (address == 0) {
            return ABSENT;
        }
        List<Long> addresses = known(map).addresses;
        int index = addresses.indexOf(address);
        if (index < 0) {
            addresses.add(address);
        }
        return index < 0 ? addresses.size() - 1 : index;
    }

    @Override
    public boolean isEmpty(int map) {
        if (!isTable(map)) {
            return false;
        }
        Known about = known(map);
        if (about.isEmpty == null) {
            variant.look(maps[map]);
            about.isEmpty = maps[map].size() == 0;
            if (about.isEmpty) {
                variant.relyOnElements(maps[map], "is empty");
            }
        }
        return about.isEmpty;
    }

    @Override
    public byte[] value(int map, int element) {
        BpfMap of = maps[map];
        if (!variant.mayRelyOnValues(of) || !of.programsMayRead() || of.definition().fields().hasLock() || of.definition().fields().hasTimer()) {
            return null;
        }
        return known(map).values.computeIfAbsent(element, number -> {
            variant.look(of);
            variant.relyOnValues(of, "has constant values");
            return of.valueAt(address(map, element));
        });
    }

    @Override
    public long address(int map, int element) {
        return known(map).addresses.get(element);
    }

    @Override
    public List<Entry> entries(int map) {
        List<Entry> entries = read(map);
        if (entries.isEmpty() || entries.size() > MAX_COMPARED) {
            return null;
        }
        variant.relyOnElements(maps[map], "has few keys, " + entries.size());
        return entries;
    }

    @Override
    public KeyTable table(int map) {
        List<Entry> entries = read(map);
        if (entries.size() <= MAX_COMPARED || maps[map].kind() == MapKind.LPM_TRIE) {
            return null;
        }
        Known about = known(map);
        if (about.table == null) {
            about.table = KeyTable.of(entries);
        }
        if (about.table != null) {
            variant.relyOnElements(maps[map], "has " + entries.size() + " keys with a place of their own each");
        }
        return about.table;
    }

    private List<Entry> read(int map) {
        if (!isTable(map) || maps[map].keySize() > LONGEST_COMPARED_KEY || (maps[map].flags() & MapFlags.WRONLY) != 0) {
            return List.of();
        }
        Known about = known(map);
        if (about.entries == null) {
            variant.look(maps[map]);
            about.entries = read(maps[map]);
        }
        return about.entries;
    }

    private static List<Entry> read(BpfMap map) {
        List<Entry> entries = new ArrayList<>();
        if (map.size() <= KeyTable.MAX_KEYS) {
            for (Iterator<BpfMap.Entry> all = map.entries(); all.hasNext() && entries.size() <= KeyTable.MAX_KEYS;) {
                byte[] key = all.next().key();
                long address = map.find(key, 0);
                entries.add(new Entry(key, address, map.kind().isPerCpu() ? map.find(key, 1) - address : 0));
            }
        }
        return entries.size() > KeyTable.MAX_KEYS ? List.of() : entries;
    }
}
