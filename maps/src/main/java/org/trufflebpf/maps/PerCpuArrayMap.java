package org.trufflebpf.maps;

import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_PERCPU_ARRAY: an array per CPU, one after the other. Between two of them lie spare elements, so that two CPUs never share a
 * pair of cache lines and every element, of whichever CPU, starts at a multiple of the stride.
 */
public final class PerCpuArrayMap extends BpfMap {
    private final long cpuStride;

    PerCpuArrayMap(Blueprint blueprint) {
        super(blueprint, storage(blueprint.definition(), blueprint.cpus()));
        this.cpuStride = cpuStride(definition());
    }

    private static Storage storage(MapDefinition definition, int cpus) {
        NativeBlock block = new NativeBlock(memoryNeeded(definition, cpus), Words.SHARING);
        long stride = Words.roundUp(definition.valueSize(), 8);
        return new Storage(block, block.address(), cpuStride(definition) * cpus, stride, 0);
    }

    private static long cpuStride(MapDefinition definition) {
        return Words.apart(definition.maxEntries(), Words.roundUp(definition.valueSize(), 8));
    }

    static long memoryNeeded(MapDefinition definition, int cpus) {
        return Words.roundUp(cpuStride(definition) * cpus, Words.SHARING);
    }

    /** The address of this CPU's value at {@code index} (unsigned), or 0 past the end. */
    public long lookup(int index, int cpu) {
        long i = Integer.toUnsignedLong(index);
        return i < maxEntries() ? valuesAddress() + cpu * cpuStride + i * stride() : 0;
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return lookup(Memory.getInt(keyAddress), cpu);
    }

    @Override
    public long update(long keyAddress, long valueAddress, long updateFlags, int cpu) {
        long target = lookup(Memory.getInt(keyAddress), cpu);
        long error = ArrayIndex.updateError(target != 0, updateFlags, false);
        if (error == 0) {
            Words.copy(valueAddress, target, valueSize());
        }
        return error;
    }

    @Override
    public long next(long cursor, int cpu) {
        long index = ElementCursor.nextIndex(cursor, maxEntries());
        return index < 0 ? 0 : valuesAddress() + cpu * cpuStride + index * stride();
    }

    @Override
    public int controlValueSize() {
        return (int) stride() * cpus();
    }

    @Override
    byte[] keyOf(long element) {
        return ArrayIndex.key(Math.min(element % (cpuStride / stride()), maxEntries() - 1));
    }

    @Override
    byte[] read(byte[] key) {
        int index = ArrayIndex.of(key);
        if (lookup(index, 0) == 0) {
            return null;
        }
        byte[] values = new byte[controlValueSize()];
        for (int cpu = 0; cpu < cpus(); cpu++) {
            Memory.copyTo(lookup(index, cpu), values, cpu * (int) stride(), valueSize());
        }
        return values;
    }

    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int index = ArrayIndex.of(key);
        long error = ArrayIndex.updateError(lookup(index, 0) != 0, updateFlags);
        if (error == 0) {
            for (int cpu = 0; cpu < cpus(); cpu++) {
                Words.copy(value, cpu * (int) stride(), lookup(index, cpu), valueSize());
            }
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
