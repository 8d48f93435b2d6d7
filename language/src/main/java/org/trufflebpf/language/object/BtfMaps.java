package org.trufflebpf.language.object;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.trufflebpf.language.btf.Btf;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.object.ElfFile.Relocation;
import org.trufflebpf.language.object.ElfFile.Section;

/**
 * The maps of section {@code .maps}. Each is a variable whose struct type says everything: {@code int (*max_entries)[64]} is a number,
 * {@code struct key *key} a type, {@code struct inner *values[]} what slots hold, with the initialiser as relocations.
 */
final class BtfMaps {
    static final String SECTION = ".maps";

    /** R_BPF_64_64, which compilers before LLVM 13 used for pointers in data, too. */
    private static final int RELOCATE_OLD_POINTER = 1;
    /** R_BPF_64_ABS64: a pointer in data. */
    private static final int RELOCATE_POINTER = 2;
    private static final int POINTER_SIZE = Long.BYTES;

    private static final int PROGRAM_ARRAY = 3;

    private static final int PINNED_BY_NAME = 1;
    /** Cilium's own value: an older object's map makes room for the new one. */
    private static final int PINNED_AND_REPLACED = 16;

    private final Btf btf;

    BtfMaps(Btf btf) {
        this.btf = btf;
    }

    /** A map and where its slots' initialisers start in the section, in bytes; -1 when it has none. */
    private record Declared(MapSpec map, long start, long end, long valuesStart) {
    }

    /**
     * @param offsets of the variables by name, from the symbols
     * @param definitions gets the maps' places, and knows code
     */
    List<MapSpec> read(ElfFile elf, Section section, Map<String, Long> offsets, Definitions definitions) throws MalformedObjectException {
        int id = btf.find(SECTION, BtfType.DataSection.class)
                .orElseThrow(() -> new MalformedObjectException("section .maps has no type information: compile with -g"));
        NavigableMap<Long, Declared> declared = new TreeMap<>();
        List<BtfType.Placement> variables = ((BtfType.DataSection) btf.type(id)).variables();
        MapLimits.checkCount(variables.size());
        for (BtfType.Placement placement : variables) {
            if (!(btf.type(placement.variable()) instanceof BtfType.Variable variable)) {
                throw new MalformedObjectException("section .maps has a type that is not a variable");
            }
            long offset = offsets.getOrDefault(variable.name(), placement.offset());
            Fields fields = new Fields(variable.name(), false);
            fields.read(variable.type());
            if (declared.put(offset, new Declared(fields.spec(Map.of()), offset, offset + placement.size(),
                    fields.valuesOffset < 0 ? -1 : offset + fields.valuesOffset)) != null) {
                throw new MalformedObjectException("two maps share byte " + offset + " of section .maps, one is " + variable.name());
            }
            definitions.addMap(section.index(), offset, variable.name());
        }
        Map<String, Map<Integer, String>> values = values(elf, section, declared, definitions);
        return declared.values().stream().map(map -> map.map().withValues(values.getOrDefault(map.map().name(), Map.of()))).toList();
    }

    private static Map<String, Map<Integer, String>> values(ElfFile elf, Section section, NavigableMap<Long, Declared> declared,
            Definitions definitions) throws MalformedObjectException {
        Map<String, Map<Integer, String>> values = new HashMap<>();
        for (Relocation relocation : elf.relocations(section)) {
            Map.Entry<Long, Declared> entry = declared.floorEntry(relocation.offset());
            Declared target = entry == null ? null : entry.getValue();
            if (target == null || relocation.offset() >= target.end() || target.valuesStart() < 0 || relocation.offset() < target.valuesStart()) {
                throw new MalformedObjectException("section .maps has an initialiser at byte " + relocation.offset() + ", where no map has values");
            }
            MapSpec map = target.map();
            long slot = (relocation.offset() - target.valuesStart()) / POINTER_SIZE;
            if (relocation.type() != RELOCATE_POINTER && relocation.type() != RELOCATE_OLD_POINTER) {
                throw new MalformedObjectException("map " + map.name() + " has an initialiser with a relocation of type " + relocation.type());
            }
            if (slot > Integer.MAX_VALUE) {
                throw new MalformedObjectException("map " + map.name() + " has too many initialisers");
            }
            values.computeIfAbsent(map.name(), _ -> new HashMap<>()).put((int) slot, initialiser(map, relocation, definitions));
        }
        return values;
    }

    private static String initialiser(MapSpec map, Relocation relocation, Definitions definitions) throws MalformedObjectException {
        int section = relocation.symbol().section();
        String name = null;
        if (map.type() == PROGRAM_ARRAY) {
            name = definitions.functionAt(section, relocation.symbol().value()) == null ? null : relocation.symbol().name();
        } else {
            name = definitions.map(section, relocation.symbol().value());
        }
        if (name == null) {
            throw new MalformedObjectException("map " + map.name() + " is initialised with " + relocation.symbol().name() + ", which is not a "
                    + (map.type() == PROGRAM_ARRAY ? "program" : "map"));
        }
        return name;
    }

    /** The members of one declaration. */
    private final class Fields {
        private final String map;
        private final boolean isInner;
        private long type;
        private long keySize;
        private long valueSize;
        private long maxEntries;
        private long flags;
        private long extra;
        private long pinning;
        private int keyType;
        private int valueType;
        private MapSpec inner;
        private long valuesOffset = -1;

        Fields(String map, boolean isInner) {
            this.map = map;
            this.isInner = isInner;
        }

        void read(int declaration) throws MalformedObjectException {
            if (!(btf.resolve(declaration) instanceof BtfType.Composite struct) || struct.union()) {
                throw new MalformedObjectException("map " + map + " is not declared as a struct");
            }
            Set<String> seen = new HashSet<>();
            for (BtfType.Member member : struct.members()) {
                if (!seen.add(member.name())) {
                    throw new MalformedObjectException("map " + map + " has the field " + member.name() + " twice");
                }
                switch (member.name()) {
                    case "type" -> type = number(member);
                    case "max_entries" -> maxEntries = number(member);
                    case "map_flags" -> flags = number(member);
                    case "map_extra" -> extra = number(member);
                    case "pinning" -> pinning = number(member);
                    // Memory of one node is the same as that of another here.
                    case "numa_node" -> number(member);
                    case "key_size" -> keySize = agreed(member, keySize, number(member));
                    case "value_size" -> valueSize = agreed(member, valueSize, number(member));
                    case "key" -> {
                        keyType = pointed(member);
                        keySize = agreed(member, keySize, btf.sizeOf(keyType));
                    }
                    case "value" -> {
                        valueType = pointed(member);
                        valueSize = agreed(member, valueSize, btf.sizeOf(valueType));
                    }
                    case "values" -> readValues(member);
                    default -> throw new MalformedObjectException("map " + map + " has the unknown field " + member.name());
                }
            }
        }

        MapSpec spec(Map<Integer, String> values) throws MalformedObjectException {
            MapSpec.Pinning shared;
            if (pinning == PINNED_BY_NAME) {
                shared = MapSpec.Pinning.BY_NAME;
            } else if (pinning == PINNED_AND_REPLACED) {
                shared = MapSpec.Pinning.REPLACED;
            } else if (pinning == 0) {
                shared = MapSpec.Pinning.NONE;
            } else {
                throw new MalformedObjectException("map " + map + " has the unknown pinning " + pinning);
            }
            return MapLimits.check(new MapSpec(map, (int) type, (int) keySize, (int) valueSize, maxEntries, (int) flags, extra, shared,
                    keyType, valueType, inner, values, null, MapSpec.Origin.BTF).withFields(btf));
        }

        private void readValues(BtfType.Member member) throws MalformedObjectException {
            boolean ofMaps = type == MapTypes.ARRAY_OF_MAPS || type == MapTypes.HASH_OF_MAPS;
            if (!ofMaps && type != PROGRAM_ARRAY || isInner) {
                throw new MalformedObjectException("map " + map + " has values, which only arrays of programs and maps of maps have");
            }
            if (!(btf.resolve(member.type()) instanceof BtfType.Array array) || !(btf.resolve(array.element()) instanceof BtfType.Pointer pointer)) {
                throw new MalformedObjectException("map " + map + ": values is not an array of pointers");
            }
            valueSize = agreed(member, valueSize, Integer.BYTES);
            valuesOffset = member.bitOffset() / Byte.SIZE;
            if (ofMaps) {
                Fields template = new Fields(map + ".inner", true);
                template.read(pointer.target());
                inner = template.spec(Map.of());
            }
        }

        /** The number that {@code __uint} or {@code __ulong} made. */
        private long number(BtfType.Member member) throws MalformedObjectException {
            if (btf.resolve(member.type()) instanceof BtfType.Pointer pointer && btf.resolve(pointer.target()) instanceof BtfType.Array array) {
                return array.count();
            }
            if (btf.resolve(member.type()) instanceof BtfType.Enumeration enumeration && enumeration.values().size() == 1) {
                return enumeration.values().get(0).value();
            }
            throw new MalformedObjectException("map " + map + ": " + member.name() + " is not a number, use __uint(" + member.name() + ", ...)");
        }

        /** The type that {@code __type} made. */
        private int pointed(BtfType.Member member) throws MalformedObjectException {
            if (btf.resolve(member.type()) instanceof BtfType.Pointer pointer && btf.sizeOf(pointer.target()) >= 0) {
                return pointer.target();
            }
            throw new MalformedObjectException("map " + map + ": " + member.name() + " is not a type with a size, use __type("
                    + member.name() + ", ...)");
        }

        private long agreed(BtfType.Member member, long before, long size) throws MalformedObjectException {
            if (before != 0 && before != size || size > MapLimits.MAX_SIZE) {
                throw new MalformedObjectException("map " + map + ": " + member.name() + " makes " + size + " bytes, "
                        + (before != 0 ? "another field says " + before : "at most " + MapLimits.MAX_SIZE + " are possible"));
            }
            return size;
        }
    }
}
