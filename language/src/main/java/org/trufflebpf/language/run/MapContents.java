package org.trufflebpf.language.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.trufflebpf.maps.BloomFilterMap;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.maps.MapKind;

/**
 * What a file says about one map.
 *
 * @param entries those of queues and stacks in the order in which they are to be taken out
 * @param bits of a bloom filter, or null
 */
record MapContents(BpfMap map, List<BpfMap.Entry> entries, byte[] bits) {
    /** Programs may fill a map again and again while it is replaced; after so many times they have won. */
    private static final int MAX_ATTEMPTS = 8;

    /** @throws MapException if the map may not be written and holds something else */
    void check() {
        if (!map.writable() && !isThere()) {
            throw new MapException(Errno.EPERM, "map " + map.name() + ": is frozen or was made with BPF_F_RDONLY: the control plane can only read it");
        }
    }

    /** Whether the map holds just that. */
    private boolean isThere() {
        List<BpfMap.Entry> there = MapEntries.of(map, false);
        Set<ByteBuffer> listed = new HashSet<>();
        for (BpfMap.Entry entry : entries) {
            listed.add(ByteBuffer.wrap(entry.key()));
        }
        return there.stream().allMatch(entry -> listed.contains(ByteBuffer.wrap(entry.key())))
                && entries.stream().allMatch(entry -> ByteBuffer.wrap(entry.value()).equals(wrap(map.get(entry.key()))));
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    /** Puts the entries into the map, over those of the same keys. */
    void add() {
        if (!map.writable()) {
            return;
        }
        if (bits != null) {
            ((BloomFilterMap) map).setBits(bits);
            return;
        }
        for (BpfMap.Entry entry : map.kind() == MapKind.STACK ? entries.reversed() : entries) {
            MapEntries.put(map, entry.key(), entry.value());
        }
    }

    /** Makes the map hold the entries and no others. */
    void replace() {
        if (!map.writable()) {
            return;
        }
        switch (map.kind()) {
            case QUEUE, STACK -> {
                for (long most = map.maxEntries(); most > 0 && map.next(true) != null; most--) {
                    // What programs push meanwhile may stay.
                }
                for (BpfMap.Entry entry : map.kind() == MapKind.STACK ? entries.reversed() : entries) {
                    map.push(entry.value(), MapFlags.EXIST);
                }
            }
            case BLOOM_FILTER -> {
                if (bits == null) {
                    ((BloomFilterMap) map).setBits(new byte[0]);
                }
                add();
            }
            case RINGBUF, USER_RINGBUF, PERF_EVENT_ARRAY, XSKMAP -> {
                // Events and sockets are not in files.
            }
            case LRU_HASH, LRU_PERCPU_HASH -> {
                // Those that go last are taken out first, so that the new ones get their places in the order of the file.
                for (BpfMap.Entry entry : MapEntries.inOrder(map).reversed()) {
                    map.remove(entry.key());
                }
                add();
            }
            default -> replaceEntries();
        }
    }

    private void replaceEntries() {
        Set<ByteBuffer> kept = new HashSet<>();
        for (BpfMap.Entry entry : entries) {
            kept.add(ByteBuffer.wrap(entry.key()));
        }
        for (int attempt = 1;; attempt++) {
            clearOthers(kept);
            try {
                add();
                return;
            } catch (MapException e) {
                if (e.errno() != Errno.E2BIG && e.errno() != Errno.ENOSPC || attempt == MAX_ATTEMPTS) {
                    throw new MapException(e.errno(), "map " + map.name() + ": programs wrote it at the same time, it is restored in part: " + e.detail());
                }
            }
        }
    }

    private void clearOthers(Set<ByteBuffer> kept) {
        List<byte[]> others = new ArrayList<>();
        for (Iterator<BpfMap.Entry> there = map.entries(); there.hasNext();) {
            BpfMap.Entry entry = there.next();
            if (!kept.contains(ByteBuffer.wrap(entry.key())) && !(MapEntries.isArray(map) && MapEntries.isZero(entry.value()))) {
                others.add(entry.key());
            }
        }
        for (byte[] key : others) {
            if (MapEntries.isArray(map)) {
                map.put(key, new byte[map.controlValueSize()], MapFlags.ANY);
            } else {
                map.remove(key);
            }
        }
    }
}
