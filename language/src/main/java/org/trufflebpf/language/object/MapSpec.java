package org.trufflebpf.language.object;

import java.util.Map;

/**
 * A map as an object file declares it; plain data, the same for the same file everywhere.
 *
 * @param name as programs and users know it; data sections keep their section's name ({@code .rodata}, {@code .bss.cold})
 * @param type the kernel's number (enum bpf_map_type)
 * @param keySize bytes
 * @param valueSize bytes
 * @param flags BPF_F_* bits
 * @param extra the kernel's map_extra: what a kind needs beside, as the number of hash functions of a bloom filter
 * @param pinning how it is shared by name
 * @param keyType BTF type of the key, 0 when not known
 * @param valueType BTF type of the value (for data sections the DATASEC), 0 when not known
 * @param inner the inner map's template for maps of maps, else null
 * @param values what slots hold at the start, by slot: names of inner maps or of programs; empty mostly
 * @param contents first bytes of the value for data sections, else null; callers must not change the array
 * @param origin what it was made from
 * @param timer where a struct bpf_timer lies in the value, in bytes; {@link #NO_TIMER} for none
 */
public record MapSpec(String name, int type, int keySize, int valueSize, long maxEntries, int flags, long extra, Pinning pinning, int keyType,
        int valueType, MapSpec inner, Map<Integer, String> values, byte[] contents, Origin origin, int timer) {
    public static final int NO_TIMER = -1;

    public enum Pinning {
        NONE, BY_NAME, /** By name, but a new object makes a new map that takes the name. */ REPLACED,
        /** iproute2: shared by copies of one object. */ OBJECT, /** iproute2: shared by name. */ GLOBAL
    }

    public enum Origin {
        BTF, LEGACY, IPROUTE2, DATA, /** .kconfig */ KCONFIG, /** Made by a caller, as the batch service does. */ GIVEN
    }

    public MapSpec {
        values = Map.copyOf(values);
    }

    /** A map without timers. */
    public MapSpec(String name, int type, int keySize, int valueSize, long maxEntries, int flags, long extra, Pinning pinning, int keyType,
            int valueType, MapSpec inner, Map<Integer, String> values, byte[] contents, Origin origin) {
        this(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin, NO_TIMER);
    }

    /** A map that no object file declared. */
    public static MapSpec of(String name, int type, int keySize, int valueSize, long maxEntries) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, 0, 0, Pinning.NONE, 0, 0, null, Map.of(), null, Origin.GIVEN);
    }

    /** The same map of another kind. */
    public MapSpec withType(int kind) {
        return new MapSpec(name, kind, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin);
    }

    /** The same map with another number of entries. */
    public MapSpec withMaxEntries(long entries) {
        return new MapSpec(name, type, keySize, valueSize, entries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin, timer);
    }

    MapSpec withValues(Map<Integer, String> slots) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, slots, contents, origin, timer);
    }

    MapSpec withInner(MapSpec template) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, template, values, contents, origin, timer);
    }

    public boolean hasTimer() {
        return timer >= 0;
    }

    /** The same map with other flags. */
    public MapSpec withFlags(int newFlags) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, newFlags, extra, pinning, keyType, valueType, inner, values, contents, origin, timer);
    }
}
