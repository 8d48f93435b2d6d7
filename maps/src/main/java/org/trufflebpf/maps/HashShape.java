package org.trufflebpf.maps;

/**
 * Sizes and offsets in a {@link HashTable}'s block, in bytes.
 *
 * @param capacity live elements at most, 1 to {@link #MAX_CAPACITY}
 * @param cpus how many values an element has; 0 for one that all CPUs share, which then lies in the element
 * @param lru whether elements have a word that lookups mark
 * @param fields as {@link MapDefinition#fields}
 */
record HashShape(int keySize, int valueSize, int capacity, int cpus, boolean lru, ValueFields fields) {
    /** Heads and elements are counted in 31 bits. */
    static final int MAX_CAPACITY = 1 << 30;

    /** Elements up to which many heads find room in the first caches. */
    private static final int SMALL = 4096;

    /** More chains than this per writer's lock buy nothing. */
    private static final int MAX_STRIPES = 64;

    static HashShape of(MapDefinition definition, int cpus) {
        boolean lru = definition.kind() == MapKind.LRU_HASH || definition.kind() == MapKind.LRU_PERCPU_HASH;
        int copies = definition.kind().isPerCpu() ? cpus : 0;
        return new HashShape(definition.keySize(), definition.valueSize(), (int) definition.maxEntries(), copies, lru,
                definition.fields());
    }

    /**
     * A power of two: 6 to 12 per element of a small table, else 3 to 6. An element that is not the first of its chain costs some 8 ns, most of it a
     * jump that was not foreseen: with 1,000 elements 2,048 heads gave 5.7 ns per lookup, 4,096 gave 4.0, 8,192 gave 3.4.
     */
    int heads() {
        return (int) Math.min(Long.highestOneBit((capacity <= SMALL ? 12L : 6L) * capacity - 1), 1 << 30);
    }

    /** A power of two. */
    int stripes() {
        return Integer.highestOneBit(Math.clamp(capacity / 16, 1, MAX_STRIPES));
    }

    /** With the stripes' spare ones. */
    long elements() {
        return capacity + (long) stripes();
    }

    int keyOffset() {
        return lru ? 16 : 8;
    }

    long elementStride() {
        return keyOffset() + Words.roundUp(keySize, 8) + (cpus == 0 ? valueBytes() : 0);
    }

    /** What a value takes. */
    long valueBytes() {
        return Words.roundUp(valueSize, 8);
    }

    long valueStride() {
        return cpus == 0 ? elementStride() : valueBytes();
    }

    int valueOffset() {
        return cpus == 0 ? keyOffset() + (int) Words.roundUp(keySize, 8) : 0;
    }

    /** From one CPU's value to the next one's. */
    long cpuStride() {
        return cpus == 0 ? 0 : Words.apart(elements(), valueStride());
    }

    long headsOffset() {
        return (stripes() + 1L) * Words.SHARING;
    }

    long elementsOffset() {
        return Words.roundUp(headsOffset() + 4L * heads(), Words.SHARING);
    }

    long valuesOffset() {
        return cpus == 0 ? elementsOffset() : Words.roundUp(elementsOffset() + elements() * elementStride(), Words.SHARING);
    }

    long valuesSize() {
        return cpus == 0 ? elements() * elementStride() : cpuStride() * cpus;
    }

    long total() {
        return Words.roundUp(valuesOffset() + valuesSize(), Words.SHARING);
    }
}
