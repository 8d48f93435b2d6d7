package org.trufflebpf.maps;

import java.util.Iterator;
import java.util.stream.IntStream;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_DEVMAP: ports by index. A value is struct bpf_devmap_val: u32 ifindex and, in 8-byte values, u32 program (written as a
 * descriptor, read as an id; 0 when there is none). Programs only read: the map behaves as if made with BPF_F_RDONLY_PROG.
 */
public final class DevMap extends BpfMap {
    private static final int ELEMENT = 8;

    DevMap(Blueprint blueprint) {
        super(blueprint, storage(blueprint.definition()));
    }

    private static Storage storage(MapDefinition definition) {
        NativeBlock block = new NativeBlock(memoryNeeded(definition), Words.SHARING);
        return new Storage(block, block.address(), ELEMENT * definition.maxEntries(), ELEMENT, 0);
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.roundUp(ELEMENT * definition.maxEntries(), Words.SHARING);
    }

    /** The port to send to, or 0 when there is none at {@code index} (unsigned). */
    public int ifindex(int index) {
        long i = Integer.toUnsignedLong(index);
        return i < maxEntries() ? Memory.getInt(valuesAddress() + i * ELEMENT) : 0;
    }

    /** All ports of the map but {@code excluded}, in the order of their indexes. */
    public int[] ports(int excluded) {
        int entries = (int) Math.min(maxEntries(), Integer.MAX_VALUE);
        return IntStream.range(0, entries).map(this::ifindex).filter(port -> port != 0 && port != excluded).toArray();
    }

    /** The address of the value at {@code index} (unsigned), or 0 when there is no port. */
    public long lookup(int index) {
        return ifindex(index) == 0 ? 0 : address(index);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress));
    }

    private long address(int index) {
        return valuesAddress() + Integer.toUnsignedLong(index) * ELEMENT;
    }

    private boolean inRange(int index) {
        return Integer.toUnsignedLong(index) < maxEntries();
    }

    @Override
    byte[] read(byte[] key) {
        long address = lookup(ArrayIndex.of(key));
        return address == 0 ? null : Memory.bytes(address, valueSize());
    }

    /** As __dev_map_update_elem: ifindex 0 empties the slot. No descriptor names a program here, so a positive one is refused like any bad one. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        long error = ArrayIndex.updateError(inRange(index), updateFlags);
        if (error != 0) {
            return error;
        }
        if (valueSize() > 4 && ArrayIndex.of(value, 4) > 0) {
            return -Errno.EINVAL;
        }
        Memory.putLong(address(index), Integer.toUnsignedLong(ArrayIndex.of(value, 0)));
        return 0;
    }

    /** As dev_map_delete_elem: an empty slot is no error. */
    @Override
    long erase(byte[] key) {
        int index = ArrayIndex.of(key);
        if (!inRange(index)) {
            return -Errno.EINVAL;
        }
        Memory.putLong(address(index), 0);
        return 0;
    }

    @Override
    boolean insertable(byte[] key) {
        return inRange(ArrayIndex.of(key));
    }

    @Override
    boolean removable() {
        return true;
    }

    @Override
    public Iterator<Entry> entries() {
        return ArrayIndex.entries(this);
    }

    @Override
    public synchronized long size() {
        checkOpen();
        long size = 0;
        for (long i = 0; i < maxEntries(); i++) {
            size += Memory.getInt(valuesAddress() + i * ELEMENT) == 0 ? 0 : 1;
        }
        return size;
    }
}
