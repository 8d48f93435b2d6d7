package org.trufflebpf.language.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.object.ElfFile.Section;
import org.trufflebpf.language.object.ElfFile.Symbol;
import org.trufflebpf.language.object.ElfFile.SymbolType;

/**
 * The maps of sections {@code maps} and {@code maps/NAME}: an array of C structs of 32-bit words that all start with type, key size, value size,
 * number of entries and flags. What follows depends on the loader that the object was written for, which the struct's size tells.
 */
final class LegacyMaps {
    private static final String SECTION = "maps";

    /** The oldest struct had no flags. */
    private static final int OLDEST = 16;
    /** libbpf's struct bpf_map_def. */
    private static final int PLAIN = 20;
    /** The kernel samples' struct: then the index of the inner map, and a NUMA node. */
    private static final int SAMPLES = 28;
    /** iproute2's struct bpf_elf_map: then id, pinning, the inner map's id, this map's slot in the map that it is the inner one of. */
    private static final int IPROUTE2 = 36;


    private final Btf btf;
    private final List<Definition> definitions = new ArrayList<>();

    /** @param id iproute2's number of the map, 0 for none */
    private record Definition(MapSpec map, int id, int innerId, int slot, int innerIndex) {
        boolean holdsMaps() {
            return map.type() == MapTypes.ARRAY_OF_MAPS || map.type() == MapTypes.HASH_OF_MAPS;
        }
    }

    /** @param btf the object's types, or null */
    LegacyMaps(Btf btf) {
        this.btf = btf;
    }

    static boolean isMapSection(Section section) {
        return section.type() == ElfFile.PROGBITS && section.size() > 0
                && (section.name().equals(SECTION) || section.name().startsWith(SECTION + "/"));
    }

    /** @param symbols those of the section */
    void read(byte[] content, Section section, List<Symbol> symbols, Definitions places) throws MalformedObjectException {
        NavigableMap<Long, String> names = new TreeMap<>();
        for (Symbol symbol : symbols) {
            if (symbol.type() != SymbolType.SECTION && !symbol.name().isEmpty()) {
                names.put(symbol.value(), symbol.name());
            }
        }
        if (names.isEmpty() || content.length % names.size() != 0) {
            throw new MalformedObjectException("section " + section.name() + " has " + content.length + " bytes for " + names.size() + " maps");
        }
        MapLimits.checkCount(definitions.size() + names.size());
        int size = content.length / names.size();
        if (size < OLDEST || size % Integer.BYTES != 0) {
            throw new MalformedObjectException("section " + section.name() + " has map definitions of " + size + " bytes, which no loader knows");
        }
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        for (Map.Entry<Long, String> entry : names.entrySet()) {
            if (entry.getKey() < 0 || entry.getKey() > content.length - size) {
                throw new MalformedObjectException("map " + entry.getValue() + " goes beyond the end of section " + section.name());
            }
            definitions.add(definition(entry.getValue(), buffer.slice(entry.getKey().intValue(), size).order(ByteOrder.LITTLE_ENDIAN)));
            places.addMap(section.index(), entry.getKey(), entry.getValue());
        }
    }

    /** All maps read, with inner maps and what slots hold. */
    List<MapSpec> maps() throws MalformedObjectException {
        Map<Integer, Definition> byId = new HashMap<>();
        Map<Integer, Map<Integer, String>> innersByOuterId = new HashMap<>();
        for (Definition definition : definitions) {
            if (definition.id() != 0) {
                byId.putIfAbsent(definition.id(), definition);
            }
        }
        for (Definition definition : definitions) {
            // As iproute2: a map with an id and a slot goes into each map of maps that names its id.
            if (definition.id() != 0 && definition.innerId() == 0 && definition.slot() != -1) {
                innersByOuterId.computeIfAbsent(definition.id(), _ -> new HashMap<>()).put(definition.slot(), definition.map().name());
            }
        }
        List<MapSpec> maps = new ArrayList<>();
        for (Definition definition : definitions) {
            MapSpec map = definition.map();
            if (definition.holdsMaps()) {
                Definition inner = definition.innerId() != 0 ? byId.get(definition.innerId()) : byIndex(definition.innerIndex());
                if (inner == null || inner.holdsMaps()) {
                    throw new MalformedObjectException("map " + map.name() + " is a map of maps without an inner map");
                }
                map = map.withInner(inner.map()).withValues(innersByOuterId.getOrDefault(definition.innerId(), Map.of()));
            }
            maps.add(map);
        }
        return maps;
    }

    private Definition byIndex(int index) {
        return index >= 0 && index < definitions.size() ? definitions.get(index) : null;
    }

    /** The names of the maps that iproute2 objects number, by number. */
    Map<Integer, String> mapsById() {
        Map<Integer, String> names = new HashMap<>();
        definitions.stream().filter(definition -> definition.id() != 0)
                .forEach(definition -> names.putIfAbsent(definition.id(), definition.map().name()));
        return names;
    }

    private Definition definition(String name, ByteBuffer words) throws MalformedObjectException {
        int size = words.capacity();
        boolean iproute2 = size == IPROUTE2;
        if (!iproute2 && size != SAMPLES) {
            for (int at = PLAIN; at < size; at += Integer.BYTES) {
                if (words.getInt(at) != 0) {
                    throw new MalformedObjectException("map " + name + " uses a field of its " + size + "-byte definition that no loader knows");
                }
            }
        }
        int keyType = 0;
        int valueType = 0;
        // What the macro BPF_ANNOTATE_KV_PAIR leaves.
        if (annotation(name) instanceof BtfType.Composite pair && pair.members().size() == 2) {
            keyType = pair.members().get(0).type();
            valueType = pair.members().get(1).type();
        }
        MapSpec map = MapLimits.check(new MapSpec(name, words.getInt(0), words.getInt(4), words.getInt(8), Integer.toUnsignedLong(words.getInt(12)),
                size < PLAIN ? 0 : words.getInt(16), 0, iproute2 ? pinning(words.getInt(24)) : MapSpec.Pinning.NONE, keyType, valueType, null,
                Map.of(), null, iproute2 ? MapSpec.Origin.IPROUTE2 : MapSpec.Origin.LEGACY).withFields(btf));
        if (keyType != 0 && (btf.sizeOf(keyType) != map.keySize() || btf.sizeOf(valueType) != map.valueSize())) {
            throw new MalformedObjectException("map " + name + " has other sizes than the types that BPF_ANNOTATE_KV_PAIR gives it");
        }
        return iproute2 ? new Definition(map, words.getInt(20), words.getInt(28), words.getInt(32), -1)
                : new Definition(map, 0, 0, -1, size == SAMPLES ? words.getInt(20) : -1);
    }

    private BtfType annotation(String map) {
        return btf == null ? null : btf.find("____btf_map_" + map, BtfType.Composite.class).stream().mapToObj(btf::type).findFirst().orElse(null);
    }

    private static MapSpec.Pinning pinning(int number) {
        return switch (number) {
            case 0 -> MapSpec.Pinning.NONE;
            case 1 -> MapSpec.Pinning.OBJECT;
            // Larger numbers name directories of an administrator's choice: shared by name, too.
            default -> MapSpec.Pinning.GLOBAL;
        };
    }
}
