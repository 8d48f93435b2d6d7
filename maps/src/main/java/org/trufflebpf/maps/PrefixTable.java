package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * A directly indexed table over a {@link PrefixTree} that answers most lookups in one to three loads. The root is indexed by the key's first bits,
 * nodes by the next ones. An entry stands for all keys that lead to it; it is a u32:
 * <ul>
 * <li>0 or the longest rule that holds all of them, when no longer rule holds some;
 * <li>{@link #LEAF} and the number of a leaf, when one longer rule holds some, or several and no room for a node: the leaf is a u64 of the tree's
 * node to go on from and the rule that holds all of the keys;
 * <li>{@link #NODE} and the number of a node otherwise.
 * </ul>
 * So rules without neighbours cost a leaf and no nodes, and a rule's change touches the entries of its prefix only.
 *
 * <p>Writers exclude each other, change the tree first, and make what is new before they store what leads to it, each in one store. Readers look at
 * the change count before and after: nodes and leaves may be reused while they look.
 */
final class PrefixTable {
    /** As signed numbers nodes come first, then leaves, then rules. */
    private static final int NODE = 0x8000_0000;
    private static final int LEAF = 0xC000_0000;
    private static final int NUMBER = 0x3FFF_FFFF;

    private final PrefixTree tree;
    private final int bits;
    private final int rootBits;
    private final int nodeBits;
    private final long root;
    /** Where leaf and node 0 would be. */
    private final long leaves;
    private final long nodes;
    private final Pool freeLeaves;
    private final Pool freeNodes;

    PrefixTable(PrefixShape shape, PrefixTree tree, long block, long changes) {
        this.tree = tree;
        this.bits = shape.bits();
        this.rootBits = shape.rootBits();
        this.nodeBits = shape.nodeBits();
        this.root = block + shape.rootOffset();
        this.leaves = block + shape.leavesOffset() - 8;
        this.nodes = block + shape.nodesOffset() - shape.nodeBytes();
        this.freeLeaves = new Pool(leaves, 8, shape.leaves(), 0, changes);
        this.freeNodes = new Pool(nodes, shape.nodeBytes(), shape.nodes(), 0, changes);
    }

    /** The longest rule that holds the key, or 0. The arguments are {@link PrefixTree#find}'s. */
    int find(long h0, long h1, long key) {
        int entry = Memory.getIntAcquire(root + (h0 >>> 64 - rootBits << 2));
        for (int depth = rootBits; entry < LEAF && depth < bits; depth += nodeBits) {
            long word = bits <= 64 || depth < 64 ? h0 : bits <= 128 || depth < 128 ? h1 : tree.data(key, depth >>> 6);
            entry = Memory.getIntAcquire(node(entry) + (word << depth >>> 64 - nodeBits << 2));
        }
        if (entry >= 0) {
            return entry;
        }
        long leaf = Memory.getLongAcquire(leaf(entry));
        return tree.find((int) leaf, (int) (leaf >>> 32), bits, h0, h1, key);
    }

    private long node(int entry) {
        return nodes + ((long) (entry & NUMBER) << nodeBits + 2);
    }

    private long leaf(int entry) {
        return leaves + ((long) (entry & NUMBER) << 3);
    }

    private static boolean isNode(int entry) {
        return entry < LEAF;
    }

    /** Bytes of nodes and leaves in use. */
    long used() {
        return ((long) freeNodes.used() << nodeBits + 2) + 8L * freeLeaves.used();
    }

    /**
     * Follows a change of the tree: keys of the rule's prefix for which {@code from} was the longest rule have {@code to} now.
     *
     * @param rule an element with the rule's prefix
     * @param from the rule itself, or what covers it
     */
    void change(int rule, int from, int to) {
        int length = tree.length(rule);
        if (length < rootBits) {
            paint(root, first(rule, 0, rootBits, length), 1 << rootBits - length, from, to);
            return;
        }
        // The tree is walked beside: top is the first node of at least depth bits on the rule's way, cover the last rule before.
        int top = tree.root();
        int cover = 0;
        long slot = root + 4L * tree.bits(rule, 0, rootBits);
        int depth = rootBits;
        while (true) {
            while (top != 0 && tree.length(top) < depth && tree.common(top, rule) == tree.length(top)) {
                cover = tree.isRule(top) ? top : cover;
                top = tree.child(top, tree.bits(rule, tree.length(top), 1));
            }
            boolean inside = top != 0 && tree.length(top) >= depth && tree.common(top, rule) >= depth;
            int node = refresh(slot, depth, cover, inside ? top : 0);
            if (!isNode(node)) {
                return;
            }
            int below = depth + nodeBits;
            if (length == depth) {
                paint(node(node), 0, 1 << nodeBits, from, to);
                return;
            }
            if (length < below) {
                paint(node(node), first(rule, depth, nodeBits, length), 1 << below - length, from, to);
                return;
            }
            slot = node(node) + 4L * tree.bits(rule, depth, nodeBits);
            depth = below;
        }
    }

    /** The first of the entries that a rule's prefix covers in a node. */
    private int first(int rule, int depth, int count, int length) {
        int rest = depth + count - length;
        return tree.bits(rule, depth, count) >>> rest << rest;
    }

    /**
     * Makes an entry what the tree says, unless it is a node and remains one: then it is returned, and what it leads to may have to change.
     *
     * @param top the tree's first node of at least {@code depth} bits in the entry's prefix, or 0
     * @param cover the longest rule shorter than that
     */
    private int refresh(long slot, int depth, int cover, int top) {
        int old = Memory.getInt(slot);
        int covered = top != 0 && tree.length(top) == depth && tree.isRule(top) ? top : cover;
        int from = below(top, depth);
        if (isNode(old) && from != 0 && !tree.isLeaf(from)) {
            return old;
        }
        if (old < 0 && !isNode(old) && from != 0 && tree.isLeaf(from)) {
            Memory.putLongRelease(leaf(old), leaf(from, covered));
            return 0;
        }
        Memory.putIntRelease(slot, entry(depth, covered, from));
        discard(old);
        return 0;
    }

    /** Past a node of just {@code depth} bits that is no fork. */
    private int below(int top, int depth) {
        if (top == 0 || tree.length(top) > depth) {
            return top;
        }
        int left = tree.child(top, 0);
        int right = tree.child(top, 1);
        return left != 0 && right != 0 ? top : left + right;
    }

    private static long leaf(int from, int cover) {
        return Integer.toUnsignedLong(from) | (long) cover << 32;
    }

    /** A new entry for a subtree of the tree, as {@link #below} has it. */
    private int entry(int depth, int cover, int from) {
        if (from == 0) {
            return cover;
        }
        int number = tree.isLeaf(from) ? 0 : freeNodes.take();
        if (number != 0) {
            long node = node(number);
            fill(node, 0, 1 << nodeBits, cover);
            place(node, depth, cover, from);
            return NODE | number;
        }
        int leaf = freeLeaves.take();
        Memory.putLong(leaf(leaf), leaf(from, cover));
        return LEAF | leaf;
    }

    /** Writes the entries of a new node. */
    private void place(long node, int depth, int cover, int from) {
        if (from == 0) {
            return;
        }
        int below = depth + nodeBits;
        int length = tree.length(from);
        if (length >= below) {
            int covered = length == below && tree.isRule(from) ? from : cover;
            Memory.putInt(node + 4L * tree.bits(from, depth, nodeBits), entry(below, covered, below(from, below)));
            return;
        }
        int covered = cover;
        if (tree.isRule(from)) {
            covered = from;
            int start = length > depth ? first(from, depth, nodeBits, length) : 0;
            fill(node, start, 1 << Math.min(nodeBits, below - length), covered);
        }
        place(node, depth, covered, tree.child(from, 0));
        place(node, depth, covered, tree.child(from, 1));
    }

    private static void fill(long node, int first, int count, int entry) {
        for (int i = first; i < first + count; i++) {
            Memory.putInt(node + 4L * i, entry);
        }
    }

    /** Replaces a rule in entries and all that they lead to. */
    private void paint(long node, int first, int count, int from, int to) {
        for (int i = first; i < first + count; i++) {
            long slot = node + 4L * i;
            int entry = Memory.getInt(slot);
            if (entry >= 0) {
                if (entry == from) {
                    Memory.putIntRelease(slot, to);
                }
            } else if (isNode(entry)) {
                paint(node(entry), 0, 1 << nodeBits, from, to);
            } else {
                long leaf = Memory.getLong(leaf(entry));
                if ((int) (leaf >>> 32) == from) {
                    Memory.putLongRelease(leaf(entry), leaf((int) leaf, to));
                }
            }
        }
    }

    private void discard(int entry) {
        if (entry >= 0) {
            return;
        }
        if (isNode(entry)) {
            for (int i = 0; i < 1 << nodeBits; i++) {
                discard(Memory.getInt(node(entry) + 4L * i));
            }
            freeNodes.give(entry & NUMBER);
        } else {
            freeLeaves.give(entry & NUMBER);
        }
    }
}
