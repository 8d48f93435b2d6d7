package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/** BPF_MAP_TYPE_ARRAY_OF_MAPS. */
public final class ArrayOfMaps extends SlotMap implements MapOfMaps {

    ArrayOfMaps(Blueprint blueprint) {
        super(blueprint, false);
    }

    @Override
    public MapDefinition template() {
        return definition().inner();
    }

    /** The number of the map at {@code index} (unsigned), or 0. What is read of that map afterwards is there. */
    public int innerAt(int index) {
        return inRange(index) ? (int) Memory.getLongAcquire(address(index)) : 0;
    }

    @Override
    public int inner(long keyAddress) {
        return innerAt(Memory.getInt(keyAddress));
    }

    /** As bpf_fd_array_map_update_elem. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        if (updateFlags != MapFlags.ANY) {
            return -Errno.EINVAL;
        }
        if (!inRange(index)) {
            return -Errno.E2BIG;
        }
        int map = ArrayIndex.of(value);
        long error = MapOfMaps.check(template(), references, map);
        if (error == 0) {
            setWord(index, map);
        }
        return error;
    }

    @Override
    long erase(byte[] key) {
        return eraseReference(key);
    }
}
