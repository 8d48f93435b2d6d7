package org.trufflebpf.maps;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * BPF_MAP_TYPE_HASH, PERCPU_HASH, LRU_HASH and LRU_PERCPU_HASH. The {@code lookupKey} forms take the key's bytes as little-endian words from
 * registers; bytes of the last word past the key's end are ignored, and the number of words must be the key's. The CPU number is used by the
 * kinds with a value per CPU only.
 *
 * <p>A full LRU map makes room for a new key: see {@link Clock}. It holds {@code max_entries} exactly where the kernel, whose CPUs keep free
 * elements of their own, may hold fewer. BPF_F_NO_COMMON_LRU, a list per CPU, is accepted and changes nothing: there is no list that CPUs would
 * contend for. Only lookups of programs count as use.
 */
public final class HashMap extends BpfMap {
    private final HashTable table;
    // The table's, for lookups in maps that the compiler does not know: each object on the way to the hash's seed takes 5 cycles.
    private final HashKeys keys;
    private final HashChains chains;

    HashMap(Blueprint blueprint, long seed) {
        this(blueprint, new HashTable(HashShape.of(blueprint.definition(), blueprint.cpus()), blueprint.references(), seed));
    }

    private HashMap(Blueprint blueprint, HashTable table) {
        super(blueprint, table.storage());
        this.table = table;
        this.keys = table.keys();
        this.chains = table.chains();
    }

    static long memoryNeeded(MapDefinition definition, int cpus) {
        return HashShape.of(definition, cpus).total();
    }

    /** Keys of 1 to 8 bytes. */
    public long lookupKey(int cpu, long k0) {
        return table.find(cpu, k0, 0, 0, 0);
    }

    /** Keys of 9 to 16 bytes. */
    public long lookupKey(int cpu, long k0, long k1) {
        return table.find(cpu, k0, k1, 0, 0);
    }

    /** Keys of 17 to 24 bytes. */
    public long lookupKey(int cpu, long k0, long k1, long k2) {
        return table.find(cpu, k0, k1, k2, 0);
    }

    /** Keys of 25 to 32 bytes. */
    public long lookupKey(int cpu, long k0, long k1, long k2, long k3) {
        return table.find(cpu, k0, k1, k2, k3);
    }

    /**
     * bpf_map_update_elem with a key of up to 32 bytes in registers (words that it does not have are 0), for a program that holds no address of a
     * value of this map: it would see the new value there, and not the old one as after {@link #update}.
     */
    public long updateInPlace(long valueAddress, long updateFlags, int cpu, long k0, long k1, long k2, long k3) {
        return table.updateInPlace(valueAddress, updateFlags, cpu, k0, k1, k2, k3);
    }

    @Override
    public long lookup(long keyAddress, int cpu) {
        return table.find(keyAddress, cpu);
    }

    /** The same where the map is not known to the compiler. @param same the shape of its keys, which is */
    public long lookup(KeyShape same, long keyAddress, int cpu) {
        return chains.find(same, keys, keyAddress, cpu);
    }

    @Override
    public long update(long keyAddress, long valueAddress, long updateFlags, int cpu) {
        return table.update(keyAddress, valueAddress, updateFlags, cpu);
    }

    @Override
    public int controlValueSize() {
        return table.shape().controlValueSize();
    }

    @Override
    public long delete(long keyAddress) {
        return table.delete(keyAddress);
    }

    @Override
    public long next(long cursor, int cpu) {
        return chains.next(cursor, cpu);
    }

    @Override
    public long keyAt(long cursor) {
        return chains.keyAt(cursor);
    }

    @Override
    public long keysAddress() {
        return table.elements().address();
    }

    @Override
    public long keysSize() {
        return table.shape().elements() * keyStride();
    }

    @Override
    public long keyStride() {
        return table.shape().elementStride();
    }

    @Override
    public int keyOffset() {
        return HashShape.KEY_OFFSET;
    }

    @Override
    byte[] keyOf(long element) {
        return table.elements().keyOf(element);
    }

    @Override
    byte[] read(byte[] key) {
        return table.read(scratch(key));
    }

    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        long address = scratch(key, value);
        return table.write(address, address + Words.roundUp(keySize(), 8), updateFlags, HashElements.EVERY_CPU);
    }

    @Override
    long erase(byte[] key) {
        return table.erase(scratch(key));
    }

    @Override
    public synchronized long size() {
        checkOpen();
        return table.size();
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

    /** All entries of an LRU map as of now, first those that have to make room first. Keys that stay meanwhile are all there. */
    public List<Entry> entriesByTurn() {
        record Waiting(Entry entry, long turn) {
        }
        List<Waiting> waiting = new ArrayList<>();
        for (int bucket = 0; bucket < chains.count(); bucket++) {
            synchronized (this) {
                checkReadable();
                table.visit(bucket, (entry, place) -> waiting.add(new Waiting(entry, table.turn(place))));
            }
        }
        waiting.sort(Comparator.comparingLong(Waiting::turn));
        return waiting.stream().map(Waiting::entry).toList();
    }
}
