package org.trufflebpf.maps;

import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** BPF_MAP_TYPE_ARRAY: values side by side, all there from the start and zero. */
public final class ArrayMap extends BpfMap {
    private final ValueFields fields;

    ArrayMap(Blueprint blueprint) {
        super(blueprint, storage(blueprint.definition()));
        this.fields = blueprint.definition().fields();
    }

    private static Storage storage(MapDefinition definition) {
        long stride = Words.roundUp(definition.valueSize(), 8);
        NativeBlock block = new NativeBlock(memoryNeeded(definition), Words.SHARING);
        return new Storage(block, block.address(), stride * definition.maxEntries(), stride, 0);
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.roundUp(Words.roundUp(definition.valueSize(), 8) * definition.maxEntries(), Words.SHARING);
    }

    /** The address of the value at {@code index} (unsigned), or 0 past the end. */
    public long lookup(int index) {
        long i = Integer.toUnsignedLong(index);
        return i < maxEntries() ? valuesAddress() + i * stride() : 0;
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress));
    }

    @Override
    public long update(long keyAddress, long valueAddress, long updateFlags, int cpu) {
        long target = lookup(Memory.getInt(keyAddress));
        long error = ArrayIndex.updateError(target != 0, updateFlags, fields.hasLock());
        if (error != 0) {
            return error;
        }
        if (fields.any()) {
            long result = fields.update(valueAddress, target, valueSize(), (updateFlags & MapFlags.LOCK) != 0);
            if (fields.hasTimer()) {
                references.timerGone(target + fields.timer());
            }
            return result;
        }
        Words.copy(valueAddress, target, valueSize());
        return 0;
    }

    @Override
    public long next(long cursor, int cpu) {
        long index = ElementCursor.nextIndex(cursor, maxEntries());
        return index < 0 ? 0 : valuesAddress() + index * stride();
    }

    @Override
    byte[] keyOf(long element) {
        return ArrayIndex.key(element);
    }

    @Override
    byte[] read(byte[] key) {
        long address = lookup(ArrayIndex.of(key));
        if (address == 0) {
            return null;
        }
        byte[] value = Memory.bytes(address, valueSize());
        fields.clear(value);
        return value;
    }

    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        if ((updateFlags & MapFlags.LOCK) != 0 && !fields.hasLock()) {
            return -Errno.EINVAL; // bpf(2) looks at this first, the helper last
        }
        if (fields.any()) {
            long address = scratch(key, value);
            return update(address, address + Words.roundUp(keySize(), 8), updateFlags, 0);
        }
        long target = lookup(ArrayIndex.of(key));
        long error = ArrayIndex.updateError(target != 0, updateFlags);
        if (error == 0) {
            Words.copy(value, 0, target, valueSize());
        }
        return error;
    }

    @Override
    long erase(byte[] key) {
        return -Errno.EINVAL;
    }

    @Override
    boolean insertable(byte[] key) {
        return false;
    }

    @Override
    boolean removable() {
        return false;
    }

    @Override
    public Iterator<Entry> entries() {
        return ArrayIndex.entries(this);
    }

    @Override
    public long size() {
        return maxEntries();
    }
}
