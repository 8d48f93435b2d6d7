package org.trufflebpf.maps;

import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Maps from an index to what their owner knows by number: a word of 8 bytes each, written whole, 0 when the slot is empty. */
abstract sealed class SlotMap extends BpfMap permits ProgramArrayMap, ArrayOfMaps, DevArrayMap, CpuMap, XskMap {
    static final int ELEMENT = 8;

    private final long slots;

    /** @param visible whether programs can hold the address of a value */
    SlotMap(Blueprint blueprint, boolean visible) {
        super(blueprint, storage(blueprint.definition(), visible));
        this.slots = valuesAddress();
    }

    private static Storage storage(MapDefinition definition, boolean visible) {
        NativeBlock block = new NativeBlock(memoryNeeded(definition), Words.SHARING);
        return new Storage(block, block.address(), visible ? ELEMENT * definition.maxEntries() : 0, ELEMENT, 0);
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.roundUp(ELEMENT * definition.maxEntries(), Words.SHARING);
    }

    final boolean inRange(int index) {
        return Integer.toUnsignedLong(index) < maxEntries();
    }

    /** What the slot holds; 0 past the end too. */
    final long word(int index) {
        return inRange(index) ? Memory.getLong(address(index)) : 0;
    }

    final long address(int index) {
        return slots + Integer.toUnsignedLong(index) * ELEMENT;
    }

    final void setWord(int index, long word) {
        Memory.putLongRelease(address(index), word);
    }

    @Override
    final byte[] keyOf(long element) {
        return ArrayIndex.key(element);
    }

    @Override
    byte[] read(byte[] key) {
        int index = ArrayIndex.of(key);
        return word(index) == 0 ? null : Memory.bytes(address(index), valueSize());
    }

    /** Empties a slot as fd_array_map_delete_elem does: an empty one is an error. */
    final long eraseReference(byte[] key) {
        int index = ArrayIndex.of(key);
        if (!inRange(index)) {
            return -Errno.E2BIG;
        }
        return Memory.getAndSetLong(address(index), 0) == 0 ? -Errno.ENOENT : 0;
    }

    /** Empties a slot as the kinds for redirection do: an empty one is no error. */
    final long eraseTarget(byte[] key) {
        int index = ArrayIndex.of(key);
        if (!inRange(index)) {
            return -Errno.EINVAL;
        }
        setWord(index, 0);
        return 0;
    }

    @Override
    final boolean insertable(byte[] key) {
        return inRange(ArrayIndex.of(key));
    }

    @Override
    final boolean removable() {
        return true;
    }

    @Override
    public final Iterator<Entry> entries() {
        return ArrayIndex.entries(this);
    }

    /** Slots that are not empty. */
    @Override
    public final synchronized long size() {
        checkOpen();
        long size = 0;
        for (long i = 0; i < maxEntries(); i++) {
            size += Memory.getLong(slots + i * ELEMENT) == 0 ? 0 : 1;
        }
        return size;
    }
}
