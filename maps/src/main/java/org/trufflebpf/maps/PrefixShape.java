package org.trufflebpf.maps;

/**
 * Sizes and offsets in the block of an {@link LpmTrieMap}, in bytes: the change count and the tree's root, the table's root, its leaves, its nodes,
 * and the elements with the values.
 *
 * @param dataSize of a key without its prefix length
 * @param capacity rules at most, 1 to {@link #MAX_CAPACITY}
 */
record PrefixShape(int dataSize, int valueSize, int capacity) {
    /** Two elements for a rule, and elements are counted in 31 bits. */
    static final int MAX_CAPACITY = 1 << 29;

    /** Replaced and deleted values wait for so many others before their memory is reused. */
    static final int RESERVE = 64;

    /**
     * From so many rules on a root of 24 bits (64 MiB, touched where there are rules) pays for IPv4: 16 ns against 31 for random traffic over
     * 500,000 rules.
     */
    private static final int WIDE_ROOT = 200_000;

    private static final long MIN_NODE_BYTES = 8 << 20;
    private static final long MAX_NODE_BYTES = 1L << 30;
    private static final long NODE_BYTES_PER_RULE = 256;

    static PrefixShape of(MapDefinition definition) {
        return new PrefixShape(definition.keySize() - 4, definition.valueSize(), (int) definition.maxEntries());
    }

    /** The longest prefix. */
    int bits() {
        return dataSize * 8;
    }

    /** Of a key. */
    int words() {
        return Words.count(dataSize);
    }

    /** Bits of the key that index the table's root. */
    int rootBits() {
        return dataSize == 4 && capacity > WIDE_ROOT ? 24 : Math.min(16, bits());
    }

    /** Bits of the key that index a node: a cache line of entries, or for IPv4 1 KiB, which takes half the steps. */
    int nodeBits() {
        return dataSize == 4 ? 8 : 4;
    }

    int nodeBytes() {
        return 4 << nodeBits();
    }

    /**
     * What nodes may take. Past that the table ends early, and the tree below decides: two rules that differ in their last bit only could ask for
     * a node per {@link #nodeBits} otherwise.
     */
    int nodes() {
        return (int) (Math.clamp(NODE_BYTES_PER_RULE * capacity, MIN_NODE_BYTES, MAX_NODE_BYTES) / nodeBytes());
    }

    /** Places where the table hands over to the tree: each has a rule of its own; a few more while one replaces another. */
    int leaves() {
        return capacity + 8;
    }

    /** Rules, the forks between them (at most as many), those that wait, and one for keys that are looked for. */
    int elements() {
        return 2 * capacity + RESERVE + 2;
    }

    int valueOffset() {
        return PrefixTree.KEY + 8 * words();
    }

    long elementStride() {
        return valueOffset() + Words.roundUp(valueSize, 8);
    }

    long rootOffset() {
        return 2L * Words.SHARING;
    }

    long leavesOffset() {
        return Words.roundUp(rootOffset() + (4L << rootBits()), Words.SHARING);
    }

    long nodesOffset() {
        return Words.roundUp(leavesOffset() + 8L * leaves(), Words.SHARING);
    }

    long elementsOffset() {
        return nodesOffset() + (long) nodes() * nodeBytes();
    }

    long total() {
        return Words.roundUp(elementsOffset() + elements() * elementStride(), Words.SHARING);
    }
}
