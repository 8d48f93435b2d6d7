package org.trufflebpf.language.verifier;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.trufflebpf.language.object.MapSpec;

/** Which kinds of map each helper takes (check_map_func_compatibility and the map operations in the kernel), by the kernel's numbers. */
final class MapUse {
    private static final int HASH = 1;
    private static final int ARRAY = 2;
    private static final int PROG_ARRAY = 3;
    private static final int PERF_EVENT_ARRAY = 4;
    private static final int PERCPU_HASH = 5;
    private static final int PERCPU_ARRAY = 6;
    private static final int LRU_HASH = 9;
    private static final int LRU_PERCPU_HASH = 10;
    private static final int LPM_TRIE = 11;
    private static final int ARRAY_OF_MAPS = 12;
    private static final int HASH_OF_MAPS = 13;
    private static final int DEVMAP = 14;
    private static final int CPUMAP = 16;
    private static final int XSKMAP = 17;
    private static final int QUEUE = 22;
    private static final int STACK = 23;
    private static final int DEVMAP_HASH = 25;
    private static final int RINGBUF = 27;
    private static final int BLOOM_FILTER = 30;
    private static final int USER_RINGBUF = 31;

    private static final Set<Integer> CHANGED = Set.of(HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE);
    private static final Map<HelperPrototype, Set<Integer>> KINDS = kinds();

    private MapUse() {
    }

    private static Map<HelperPrototype, Set<Integer>> kinds() {
        Map<HelperPrototype, Set<Integer>> kinds = new EnumMap<>(HelperPrototype.class);
        kinds.put(HelperPrototype.MAP_LOOKUP_ELEM, Set.of(HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE, ARRAY_OF_MAPS,
                        HASH_OF_MAPS, DEVMAP, DEVMAP_HASH, CPUMAP, XSKMAP));
        kinds.put(HelperPrototype.MAP_UPDATE_ELEM, CHANGED);
        kinds.put(HelperPrototype.MAP_DELETE_ELEM, CHANGED);
        kinds.put(HelperPrototype.MAP_LOOKUP_PERCPU_ELEM, Set.of(PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH));
        kinds.put(HelperPrototype.TAIL_CALL, Set.of(PROG_ARRAY));
        kinds.put(HelperPrototype.PERF_EVENT_OUTPUT, Set.of(PERF_EVENT_ARRAY));
        kinds.put(HelperPrototype.REDIRECT_MAP, Set.of(DEVMAP, DEVMAP_HASH, CPUMAP, XSKMAP));
        kinds.put(HelperPrototype.MAP_PUSH_ELEM, Set.of(QUEUE, STACK, BLOOM_FILTER));
        kinds.put(HelperPrototype.MAP_POP_ELEM, Set.of(QUEUE, STACK));
        kinds.put(HelperPrototype.MAP_PEEK_ELEM, Set.of(QUEUE, STACK, BLOOM_FILTER));
        for (HelperPrototype helper : Set.of(HelperPrototype.RINGBUF_OUTPUT, HelperPrototype.RINGBUF_RESERVE, HelperPrototype.RINGBUF_QUERY,
                        HelperPrototype.RINGBUF_RESERVE_DYNPTR)) {
            kinds.put(helper, Set.of(RINGBUF));
        }
        for (HelperPrototype helper : Set.of(HelperPrototype.BEGIN_DRAIN, HelperPrototype.NEXT_SAMPLE, HelperPrototype.RELEASE_SAMPLE,
                        HelperPrototype.END_DRAIN)) {
            kinds.put(helper, Set.of(USER_RINGBUF));
        }
        return kinds;
    }

    /** Whether {@code helper} takes each of a set of maps. */
    static boolean fits(Prototype helper, MapTable maps, long set) {
        Set<Integer> kinds = helper instanceof HelperPrototype known ? KINDS.get(known) : null;
        for (long rest = set; kinds != null && rest != 0; rest &= rest - 1) {
            MapSpec map = maps.maps().get(Long.numberOfTrailingZeros(rest));
            if (!kinds.contains(map.type())) {
                return false;
            }
        }
        return set != 0;
    }
}
