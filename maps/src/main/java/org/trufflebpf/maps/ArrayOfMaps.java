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

    /** The {@link MapOfMaps#reference} of the map at {@code index} (unsigned), or 0. What is read of that map afterwards is there. */
    public long referenceAt(int index) {
        return inRange(index) ? Memory.getLongAcquire(address(index)) : 0;
    }

    /** The number of the map at {@code index} (unsigned), or 0. */
    public int innerAt(int index) {
        return MapOfMaps.number(referenceAt(index));
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
            setWord(index, MapOfMaps.reference(references.map(map)));
        }
        return error;
    }

    @Override
    byte[] read(byte[] key) {
        int number = innerAt(ArrayIndex.of(key));
        return number == 0 ? null : ArrayIndex.key(number);
    }

    @Override
    long erase(byte[] key) {
        return eraseReference(key);
    }
}
