package org.trufflebpf.maps;

import java.util.stream.IntStream;
import org.trufflebpf.io.memory.Memory;

/** BPF_MAP_TYPE_DEVMAP: ports by index. */
public final class DevArrayMap extends SlotMap implements DevMap {

    DevArrayMap(Blueprint blueprint) {
        super(blueprint, true);
    }

    @Override
    public int ifindex(int index) {
        return (int) word(index);
    }

    @Override
    public int programId(int index) {
        return (int) (word(index) >>> 32);
    }

    /** In the order of their indexes. */
    @Override
    public int[] ports(int excluded) {
        int entries = (int) Math.min(maxEntries(), Integer.MAX_VALUE);
        return IntStream.range(0, entries).map(this::ifindex).filter(port -> port != 0 && port != excluded).toArray();
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
        long word = DevMap.word(value, references);
        if (word < 0) {
            return word;
        }
        setWord(index, word);
        return 0;
    }

    /** As dev_map_delete_elem: an empty slot is no error. */
    @Override
    long erase(byte[] key) {
        return eraseTarget(key);
    }
}
