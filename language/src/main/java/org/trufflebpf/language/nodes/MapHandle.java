package org.trufflebpf.language.nodes;

import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.MapOfMaps;

/** What a register holds for a map: a number that is no address, so that no program can make an access out of it. */
final class MapHandle {
    private static final long BASE = 0x4d41_5000_0000_0000L;

    private MapHandle() {
    }

    static long of(BpfMap map) {
        return BASE + map.id();
    }

    /** @param number of a map, or 0 for none, which stays 0 */
    static long ofNumber(int number) {
        return number == 0 ? 0 : BASE + number;
    }

    /**
     * Of an inner map; that of an array says where its values are, too.
     *
     * @param kind of the template
     * @param number that the map of maps gave, 0 for none, which stays 0
     */
    static long ofInner(MapKind kind, int number, InnerMaps maps) {
        return kind != MapKind.ARRAY || number == 0 ? ofNumber(number) : MapOfMaps.reference(number, maps.arrays()[number]);
    }

    /** The map of a handle, else null. */
    static BpfMap map(long handle, InnerMaps maps) {
        int number = number(handle);
        if (number >= 0) {
            return maps.map(number);
        }
        // A number alone is what programs reckon with.
        BpfMap map = MapOfMaps.hasArray(handle) ? maps.map(MapOfMaps.number(handle)) : null;
        return map != null && MapOfMaps.reference(map) == handle ? map : null;
    }

    /** The number in a handle; of what is no handle a number that no map has. */
    private static int number(long handle) {
        long number = handle - BASE;
        return number >= 0 && number <= Integer.MAX_VALUE ? (int) number : -1;
    }
}
