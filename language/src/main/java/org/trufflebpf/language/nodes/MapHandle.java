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
}
