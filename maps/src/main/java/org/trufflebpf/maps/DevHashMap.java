package org.trufflebpf.maps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.trufflebpf.io.memory.Memory;

/** BPF_MAP_TYPE_DEVMAP_HASH: ports by any u32 key. */
public final class DevHashMap extends BpfMap implements DevMap {
    private static final int KEY = 4;
    private static final int VALUE = 8;

    private final HashTable table;
    /** All of them, or null when they have to be collected again; only the control plane changes the map. */
    private volatile long[] targets;

    DevHashMap(Blueprint blueprint, long seed) {
        this(blueprint, new HashTable(shape(blueprint.definition()), blueprint.references(), seed));
    }

    private DevHashMap(Blueprint blueprint, HashTable table) {
        super(blueprint, table.storage());
        this.table = table;
    }

    private static HashShape shape(MapDefinition definition) {
        return new HashShape(KEY, VALUE, (int) definition.maxEntries(), 0, false, ValueFields.NONE);
    }

    static long memoryNeeded(MapDefinition definition) {
        return shape(definition).total();
    }

    @Override
    public long target(int key) {
        long value = lookup(key);
        return value == 0 ? 0 : Memory.getLong(value);
    }

    /** The address of the key's value, or 0 when there is no port. */
    public long lookup(int key) {
        return table.find(0, Integer.toUnsignedLong(key), 0, 0, 0);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return table.find(keyAddress, 0);
    }

    /** In no order. */
    @Override
    public long[] targets() {
        long[] current = targets;
        return current == null ? collect() : current;
    }

    private synchronized long[] collect() {
        List<Entry> entries = new ArrayList<>();
        for (int bucket = 0; bucket < table.chains().count(); bucket++) {
            table.visit(bucket, (entry, _) -> entries.add(entry));
        }
        targets = entries.stream().mapToLong(entry -> ArrayIndex.word(entry.value())).toArray();
        return targets;
    }

    /** As __dev_map_hash_update_elem: a port is needed, and MapFlags.EXIST creates as well. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        if (Long.compareUnsigned(updateFlags, MapFlags.EXIST) > 0 || ArrayIndex.of(value) == 0) {
            return -Errno.EINVAL;
        }
        if (updateFlags == MapFlags.NOEXIST && lookup(ArrayIndex.of(key)) != 0) {
            return -Errno.EEXIST;
        }
        long word = DevMap.word(value, kind(), references);
        if (word < 0) {
            return word;
        }
        long address = scratch(key, Arrays.copyOf(value, VALUE));
        Memory.putLong(address + VALUE, word);
        long error = table.write(address, address + VALUE, MapFlags.ANY, 0);
        targets = null;
        return error;
    }

    @Override
    long erase(byte[] key) {
        long error = table.erase(scratch(key));
        targets = null;
        return error;
    }

    @Override
    byte[] keyOf(long element) {
        return table.elements().keyOf(element);
    }

    @Override
    byte[] read(byte[] key) {
        byte[] value = table.read(scratch(key));
        return value == null ? null : Arrays.copyOf(value, valueSize());
    }

    @Override
    boolean insertable(byte[] key) {
        return true;
    }

    @Override
    boolean removable() {
        return true;
    }

    @Override
    public Iterator<Entry> entries() {
        Iterator<Entry> entries = new HashEntries(this, table);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Entry next() {
                Entry entry = entries.next();
                return new Entry(entry.key(), Arrays.copyOf(entry.value(), valueSize()));
            }
        };
    }

    @Override
    public synchronized long size() {
        checkOpen();
        return table.size();
    }
}
