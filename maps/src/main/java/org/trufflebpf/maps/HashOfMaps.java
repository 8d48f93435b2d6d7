package org.trufflebpf.maps;

import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;

/** BPF_MAP_TYPE_HASH_OF_MAPS. The forms with words take keys as those of {@link HashMap} do. */
public final class HashOfMaps extends BpfMap implements MapOfMaps {
    private final HashTable table;

    HashOfMaps(Blueprint blueprint, long seed) {
        this(blueprint, new HashTable(HashShape.of(blueprint.definition(), blueprint.cpus()), blueprint.references(), seed));
    }

    private HashOfMaps(Blueprint blueprint, HashTable table) {
        super(blueprint, table.storage().hidden());
        this.table = table;
    }

    @Override
    public MapDefinition template() {
        return definition().inner();
    }

    private static int id(long value) {
        return value == 0 ? 0 : Memory.getInt(value);
    }

    @Override
    public int inner(long keyAddress) {
        return id(table.find(keyAddress, 0));
    }

    /** Keys of 1 to 32 bytes; words that the key does not have are 0. */
    public int innerByKey(long k0, long k1, long k2, long k3) {
        return id(table.find(0, k0, k1, k2, k3));
    }

    /** As bpf_fd_htab_map_update_elem. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        long error = MapOfMaps.check(template(), references, ArrayIndex.of(value));
        if (error != 0) {
            return error;
        }
        long address = scratch(key, value);
        return table.write(address, address + Words.roundUp(keySize(), 8), updateFlags, 0);
    }

    @Override
    byte[] read(byte[] key) {
        return table.read(scratch(key));
    }

    @Override
    long erase(byte[] key) {
        return table.erase(scratch(key));
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
        return new HashEntries(this, table);
    }

    @Override
    public synchronized long size() {
        checkOpen();
        return table.size();
    }
}
