package org.trufflebpf.maps;

/**
 * Sizes and offsets in a {@link HashTable}'s block, in bytes: stripes ({@link HashStripes}), a pair of lines for {@link FreeElements} and
 * {@link Clock}, heads (u32 place each), elements ({@link HashElements}), and the values if each CPU has its own: then one array per CPU, as far
 * apart as {@link Words#SHARING} says. Zero pages are an empty table, and elements that nobody used cost nothing.
 *
 * @param capacity live elements at most, 1 to {@link #MAX_CAPACITY}
 * @param cpus how many values an element has; 0 for one that all CPUs share, which then lies in the element
 * @param lru whether a full table makes room for new keys
 * @param fields as {@link MapDefinition#fields}
 */
record HashShape(int keySize, int valueSize, int capacity, int cpus, boolean lru, ValueFields fields) {
    /** Heads have 30 bits of the hash. */
    static final int MAX_CAPACITY = 1 << 30;

    static final int KEY_OFFSET = 8;

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
     * A power of two: 12 to 24 per element of a small table, else 3 to 6. An element that is not the first of its chain costs some 8 ns, most of it a
     * jump that was not foreseen: with 1,000 elements 8,192 heads give 2.7 ns per lookup, 16,384 give 2.5. Of large tables more heads cost more of
     * the caches than that.
     */
    int heads() {
        return (int) Math.min(Long.highestOneBit((capacity <= SMALL ? 24L : 6L) * capacity - 1), 1 << 30);
    }

    /** A power of two. */
    int stripes() {
        return Integer.highestOneBit(Math.clamp(capacity / 16, 1, MAX_STRIPES));
    }

    /** With the stripes' spare ones. */
    long elements() {
        return capacity + (long) stripes();
    }

    /** The logarithm of what places count: 8 bytes, or more where 32 bits would not do. */
    int unit() {
        int unit = 3;
        while (Words.roundUp(elementBytes(), 1L << unit) * elements() >>> unit > 0xffff_ffffL) {
            unit++;
        }
        return unit;
    }

    private long elementBytes() {
        return afterKey() + (cpus == 0 ? valueBytes() : Long.BYTES);
    }

    long elementStride() {
        return Words.roundUp(elementBytes(), 1L << unit());
    }

    /** Where in an element the value is, or the address of the first CPU's. */
    int afterKey() {
        return KEY_OFFSET + (int) Words.roundUp(keySize, 8);
    }

    /** What a value takes. */
    long valueBytes() {
        return Words.roundUp(valueSize, 8);
    }

    long valueStride() {
        return cpus == 0 ? elementStride() : valueBytes();
    }

    int valueOffset() {
        return cpus == 0 ? afterKey() : 0;
    }

    /** From one CPU's value to the next one's. */
    long cpuStride() {
        return cpus == 0 ? 0 : Words.apart(elements(), valueStride());
    }

    /** A value as the control plane has it, those of all CPUs each padded to 8 bytes. */
    int controlValueSize() {
        return cpus == 0 ? valueSize : (int) valueStride() * cpus;
    }

    long sharedOffset() {
        return (long) stripes() * Words.SHARING;
    }

    long headsOffset() {
        return sharedOffset() + Words.SHARING;
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
