package org.trufflebpf.maps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;

/** Copies of a hash table's entries, chain by chain. */
final class HashEntries implements Iterator<BpfMap.Entry> {
    private final BpfMap map;
    private final HashTable table;
    private final List<BpfMap.Entry> chain = new ArrayList<>();
    private final Queue<BpfMap.Entry> ready = new ArrayDeque<>();
    private int bucket;

    HashEntries(BpfMap map, HashTable table) {
        this.map = map;
        this.table = table;
    }

    @Override
    public boolean hasNext() {
        if (ready.isEmpty()) {
            collect();
            ready.addAll(chain);
            chain.clear();
        }
        return !ready.isEmpty();
    }

    private void collect() {
        synchronized (map) {
            map.checkReadable();
            while (chain.isEmpty() && bucket < table.chains().count()) {
                table.visit(bucket++, (entry, _) -> chain.add(entry));
            }
        }
    }

    @Override
    public BpfMap.Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }
}
