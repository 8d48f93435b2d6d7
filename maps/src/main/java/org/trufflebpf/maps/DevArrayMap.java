package org.trufflebpf.maps;

import java.util.stream.IntStream;
import org.trufflebpf.io.memory.Memory;

/** BPF_MAP_TYPE_DEVMAP: ports by index. */
public final class DevArrayMap extends SlotMap implements DevMap {

    /** All of them, or null when they have to be collected again. */
    private volatile long[] targets;

    DevArrayMap(Blueprint blueprint) {
        super(blueprint, true);
    }

    @Override
    public long target(int index) {
        return word(index);
    }

    /** In the order of their indexes. */
    @Override
    public long[] targets() {
        long[] current = targets;
        return current == null ? collect() : current;
    }

    private synchronized long[] collect() {
        int entries = (int) Math.min(maxEntries(), Integer.MAX_VALUE);
        targets = IntStream.range(0, entries).mapToLong(this::word).filter(word -> word != 0).toArray();
        return targets;
    }

    /** The address of the value at {@code index} (unsigned), or 0 when there is no port. */
    public long lookup(int index) {
        return word(index) == 0 ? 0 : address(index);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress));
    }

    /** As __dev_map_update_elem: ifindex 0 empties the slot. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        long error = ArrayIndex.updateError(inRange(index), updateFlags);
        if (error != 0) {
            return error;
        }
        long word = DevMap.word(value, kind(), references);
        if (word < 0) {
            return word;
        }
        setWord(index, word);
        targets = null;
        return 0;
    }

    /** As dev_map_delete_elem: an empty slot is no error. */
    @Override
    long erase(byte[] key) {
        long error = eraseTarget(key);
        targets = null;
        return error;
    }
}
