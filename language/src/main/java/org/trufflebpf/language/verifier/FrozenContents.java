package org.trufflebpf.language.verifier;

import java.util.Arrays;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.MapSpec.Origin;

/**
 * What the kernel's verifier knows of maps: libbpf freezes {@code .rodata} and {@code .kconfig} before it loads programs, and the kernel then takes
 * loads from them for constants (bpf_map_is_rdonly, check_mem_access), so that what they forbid is dead code to it.
 */
final class FrozenContents implements KnownMaps {
    private final MapTable maps;

    FrozenContents(MapTable maps) {
        this.maps = maps;
    }

    /** Whether anything is known. */
    static boolean has(MapTable maps) {
        return maps.maps().stream().anyMatch(FrozenContents::isFrozen);
    }

    private static boolean isFrozen(MapSpec map) {
        return (map.origin() == Origin.DATA || map.origin() == Origin.KCONFIG) && MapTable.isReadOnly(map);
    }

    @Override
    public int find(int map, byte[] key) {
        return isFrozen(maps.maps().get(map)) && Arrays.equals(key, new byte[Integer.BYTES]) ? 0 : UNKNOWN;
    }

    @Override
    public boolean isEmpty(int map) {
        return false;
    }

    @Override
    public byte[] value(int map, int element) {
        MapSpec spec = maps.maps().get(map);
        byte[] contents = spec.contents() == null ? new byte[0] : spec.contents();
        return Arrays.copyOf(contents, spec.valueSize());
    }
}
