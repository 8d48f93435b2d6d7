package org.trufflebpf.language.nodes;

import org.trufflebpf.maps.BpfMap;

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

    /** The number in what is certainly the handle of some map. */
    static int numberIn(long handle) {
        return (int) (handle - BASE);
    }

    /** The number in a handle; of what is no handle a number that no map has. */
    static int number(long handle) {
        long number = handle - BASE;
        return number >= 0 && number <= Integer.MAX_VALUE ? (int) number : -1;
    }
}
