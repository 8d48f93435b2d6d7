package org.trufflebpf.language.object;

import java.util.Map;
import org.trufflebpf.language.btf.Btf;

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
 * @param lock where a struct bpf_spin_lock lies in the value, in bytes; {@link #ABSENT} for none
 * @param timer the same of a struct bpf_timer
 */
public record MapSpec(String name, int type, int keySize, int valueSize, long maxEntries, int flags, long extra, Pinning pinning, int keyType,
        int valueType, MapSpec inner, Map<Integer, String> values, byte[] contents, Origin origin, int lock, int timer) {
    public static final int ABSENT = -1;

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

    /** A map whose values are all the program's data. */
    public MapSpec(String name, int type, int keySize, int valueSize, long maxEntries, int flags, long extra, Pinning pinning, int keyType,
            int valueType, MapSpec inner, Map<Integer, String> values, byte[] contents, Origin origin) {
        this(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin, ABSENT, ABSENT);
    }

    /** A map that no object file declared. */
    public static MapSpec of(String name, int type, int keySize, int valueSize, long maxEntries) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, 0, 0, Pinning.NONE, 0, 0, null, Map.of(), null, Origin.GIVEN);
    }

    /** The same map of another kind. */
    public MapSpec withType(int kind) {
        return new MapSpec(name, kind, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin,
                lock, timer);
    }

    /** The same map with another number of entries. */
    public MapSpec withMaxEntries(long entries) {
        return new MapSpec(name, type, keySize, valueSize, entries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin,
                lock, timer);
    }

    MapSpec withValues(Map<Integer, String> slots) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, slots, contents, origin,
                lock, timer);
    }

    MapSpec withInner(MapSpec template) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, template, values, contents, origin,
                lock, timer);
    }

    /** The same map, whose values may have a lock and a timer, as its value's type says. @param types null for an object without */
    MapSpec withFields(Btf types) {
        return types == null ? this
                : new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, keyType, valueType, inner, values, contents, origin,
                types.offsetOf(valueType, "bpf_spin_lock").orElse(ABSENT), types.offsetOf(valueType, "bpf_timer").orElse(ABSENT));
    }

    public boolean hasLock() {
        return lock >= 0;
    }

    public boolean hasTimer() {
        return timer >= 0;
    }

    /** The same map with other flags. */
    public MapSpec withFlags(int newFlags) {
        return new MapSpec(name, type, keySize, valueSize, maxEntries, newFlags, extra, pinning, keyType, valueType, inner, values, contents, origin,
                lock, timer);
    }
}
