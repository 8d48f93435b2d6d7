package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;

/**
 * The rules of an {@link LpmTrieMap} as a binary tree with path compression: a node is a rule, or a fork where two subtrees part and no rule is.
 * A node's prefix is longer than its parent's, forks have two children, so leaves are rules. What happens to it is what happens to the kernel's
 * trie, step by step. Writers exclude each other; readers take no lock, and look at the change count before and after.
 *
 * <p>An element of the pool: u32 children for next bit 0 and 1, u32 prefix length with {@link #RULE}, u32 for the pool, key, value. The key is
 * words whose most significant bit comes first; its bits past the prefix are as the user gave them and never looked at.
 */
final class PrefixTree {
    /** Offset of the key in an element. */
    static final int KEY = 16;

    private static final int LENGTH = 8;
    private static final int LINK = 12;
    private static final int RULE = 0x8000_0000;

    private final int bits;
    private final int dataSize;
    private final int words;
    private final long stride;
    /** Where element 0 would be. */
    private final long elements;
    /** Address of the u32 root. */
    private final long root;
    private final Pool pool;
    private final int wanted;
    /** Of the last change: the rule that covered the changed one, or 0. */
    private int cover;
    private long size;

    PrefixTree(PrefixShape shape, long elements, long root, long changes) {
        this.bits = shape.bits();
        this.dataSize = shape.dataSize();
        this.words = shape.words();
        this.stride = shape.elementStride();
        this.elements = elements - stride;
        this.root = root;
        this.pool = new Pool(this.elements + LINK, stride, shape.elements(), PrefixShape.RESERVE, changes);
        this.wanted = pool.take();
    }

    // Elements.

    long element(int index) {
        return elements + Integer.toUnsignedLong(index) * stride;
    }

    int child(int node, int bit) {
        return Memory.getInt(childLink(node, bit));
    }

    private long childLink(int node, int bit) {
        return element(node) + 4L * bit;
    }

    int length(int node) {
        return Memory.getInt(element(node) + LENGTH) & ~RULE;
    }

    boolean isRule(int node) {
        return Memory.getInt(element(node) + LENGTH) < 0;
    }

    boolean isLeaf(int node) {
        return Memory.getLong(element(node)) == 0;
    }

    private long word(int node, int index) {
        return Memory.getLong(element(node) + KEY + 8L * index);
    }

    /** Bits of the key as a number; they lie in one word. */
    int bits(int node, int from, int count) {
        return (int) (word(node, from >>> 6) << from >>> 64 - count);
    }

    /** How many bits two prefixes share. */
    int common(int a, int b) {
        int limit = Math.min(length(a), length(b));
        for (int i = 0; i << 6 < limit; i++) {
            long difference = word(a, i) ^ word(b, i);
            if (difference != 0) {
                return Math.min(limit, (i << 6) + Long.numberOfLeadingZeros(difference));
            }
        }
        return limit;
    }

    /** The prefix as the user gave it: its length and the data. */
    byte[] key(int node) {
        byte[] key = new byte[4 + dataSize];
        System.arraycopy(ArrayIndex.key(length(node)), 0, key, 0, 4);
        for (int i = 0; i < dataSize; i++) {
            key[4 + i] = (byte) (word(node, i >>> 3) >>> 56 - ((i & 7) << 3));
        }
        return key;
    }

    /** Makes an element a rule that is not in the tree. */
    private void fill(int node, long key) {
        long element = element(node);
        Memory.putLong(element, 0);
        Memory.putInt(element + LENGTH, Memory.getInt(key) | RULE);
        for (int i = 0; i < words; i++) {
            Memory.putLong(element + KEY + 8L * i, Long.reverseBytes(Words.ofKey(key + 4, i, dataSize)));
        }
    }

    // Readers. The key's first two words travel in registers, most significant bit first; longer keys are read where they lie.

    /**
     * The longest rule at or below {@code start} that holds the key, else {@code cover}.
     *
     * @param limit no longer rule counts
     */
    int find(int start, int coveredBy, int limit, long h0, long h1, long key) {
        return words > 2 ? findLong(start, coveredBy, limit, h0, h1, key) : walk(start, coveredBy, limit, h0, h1, key);
    }

    @TruffleBoundary
    private int findLong(int start, int coveredBy, int limit, long h0, long h1, long key) {
        return walk(start, coveredBy, limit, h0, h1, key);
    }

    private int walk(int start, int coveredBy, int limit, long h0, long h1, long key) {
        int found = coveredBy;
        int node = start;
        int above = -1;
        while (node != 0) {
            long element = element(node);
            int rule = Memory.getIntAcquire(element + LENGTH);
            int length = rule & ~RULE;
            // An element that was given back can lead anywhere, also in a circle; who looks at the change count starts again.
            if (length > limit || length <= above || !holds(element, length, h0, h1, key)) {
                break;
            }
            if (rule < 0) {
                found = node;
            }
            if (length == limit) {
                break;
            }
            above = length;
            long next = words == 1 || length < 64 ? h0 : words == 2 || length < 128 ? h1 : data(key, length >>> 6);
            node = Memory.getIntAcquire(element + (next << length >>> 63 << 2));
        }
        return found;
    }

    private boolean holds(long element, int length, long h0, long h1, long key) {
        if (words == 1 || length <= 64) {
            return length == 0 || (Memory.getLongAcquire(element + KEY) ^ h0) >>> -length == 0;
        }
        if (Memory.getLongAcquire(element + KEY) != h0) {
            return false;
        }
        if (words == 2 || length <= 128) {
            return (Memory.getLongAcquire(element + KEY + 8) ^ h1) >>> -length == 0;
        }
        return Memory.getLongAcquire(element + KEY + 8) == h1 && holdsRest(element, length, key);
    }

    private boolean holdsRest(long element, int length, long key) {
        int i = 2;
        for (; i + 1 << 6 < length; i++) {
            if (Memory.getLongAcquire(element + KEY + 8L * i) != data(key, i)) {
                return false;
            }
        }
        return (Memory.getLongAcquire(element + KEY + 8L * i) ^ data(key, i)) >>> -length == 0;
    }

    /** A word of the data that follows the prefix length. */
    long data(long key, int index) {
        return Long.reverseBytes(Words.ofKey(key + 4, index, dataSize));
    }

    int root() {
        return Memory.getIntAcquire(root);
    }

    // Writers, one at a time.

    long size() {
        return size;
    }

    /** The rule that covered the one that was last inserted, replaced or removed, or 0. */
    int cover() {
        return cover;
    }

    /** The key of the last {@link #remove}, as an element. */
    int wanted() {
        return wanted;
    }

    /** A rule of this key to be filled with a value and inserted, or given back with {@link #release}. */
    int create(long key) {
        int fresh = pool.take();
        fill(fresh, key);
        return fresh;
    }

    void release(int node) {
        pool.give(node);
    }

    /**
     * @return the node of the same prefix whose place the rule took, which the caller releases, or 0; or -EEXIST, -ENOENT, -ENOSPC
     */
    int insert(int fresh, long updateFlags, long maxRules) {
        cover = 0;
        int length = length(fresh);
        long link = root;
        int node = Memory.getInt(link);
        int common = 0;
        while (node != 0) {
            common = common(node, fresh);
            if (common < length(node) || common == length) {
                break;
            }
            if (isRule(node)) {
                cover = node;
            }
            link = childLink(node, bits(fresh, common, 1));
            node = Memory.getInt(link);
        }
        boolean same = node != 0 && common == length(node);
        if (same && isRule(node)) {
            if (updateFlags == MapFlags.NOEXIST) {
                return -Errno.EEXIST;
            }
        } else if (updateFlags == MapFlags.EXIST) {
            return -Errno.ENOENT;
        } else if (size == maxRules) {
            return -Errno.ENOSPC;
        } else {
            size++;
        }
        if (same) {
            Memory.putLong(element(fresh), Memory.getLong(element(node)));
            Memory.putIntRelease(link, fresh);
            return node;
        }
        if (node == 0) {
            Memory.putIntRelease(link, fresh);
        } else if (common == length) {
            Memory.putInt(childLink(fresh, bits(node, common, 1)), node);
            Memory.putIntRelease(link, fresh);
        } else {
            int fork = pool.take();
            long element = element(fork);
            for (int i = 0; i < words; i++) {
                Memory.putLong(element + KEY + 8L * i, word(node, i));
            }
            Memory.putInt(element + LENGTH, common);
            int side = bits(fresh, common, 1);
            Memory.putInt(childLink(fork, side), fresh);
            Memory.putInt(childLink(fork, 1 - side), node);
            Memory.putIntRelease(link, fork);
        }
        return 0;
    }

    /** What a removal takes out of the tree: the rule, and nodes that are in it no more, which the caller releases; 0 for none. */
    record Removed(int rule, int node, int fork) {
    }

    /** Null when there is no rule of this very prefix. */
    Removed remove(long key) {
        fill(wanted, key);
        cover = 0;
        int length = length(wanted);
        long parentLink = root;
        long link = root;
        int parent = 0;
        int node = Memory.getInt(link);
        while (node != 0 && common(node, wanted) == length(node) && length(node) < length) {
            if (isRule(node)) {
                cover = node;
            }
            parentLink = link;
            parent = node;
            link = childLink(node, bits(wanted, length(node), 1));
            node = Memory.getInt(link);
        }
        if (node == 0 || length(node) != length || common(node, wanted) != length || !isRule(node)) {
            return null;
        }
        size--;
        int left = child(node, 0);
        int right = child(node, 1);
        if (left != 0 && right != 0) {
            Memory.putIntRelease(element(node) + LENGTH, length);
            return new Removed(node, 0, 0);
        }
        if (left == 0 && right == 0 && parent != 0 && !isRule(parent)) {
            int sibling = child(parent, 0) == node ? child(parent, 1) : child(parent, 0);
            Memory.putIntRelease(parentLink, sibling);
            return new Removed(node, node, parent);
        }
        Memory.putIntRelease(link, left + right);
        return new Removed(node, node, 0);
    }

    /**
     * The rule after that of a key, there or not, in the kernel's order: longer ones before those that cover them, otherwise by their bits.
     *
     * @param key 0 for the first rule
     * @return 0 after the last one
     */
    int next(long key) {
        if (key == 0) {
            return first(Memory.getInt(root));
        }
        fill(wanted, key);
        int next = 0;
        int node = Memory.getInt(root);
        while (node != 0) {
            int common = common(node, wanted);
            if (common < length(node)) {
                boolean after = common < length(wanted) && bits(node, common, 1) == 1;
                return after ? first(node) : next;
            }
            if (common == length(wanted)) {
                return next;
            }
            if (isRule(node)) {
                next = node;
            }
            int side = bits(wanted, common, 1);
            if (side == 0 && child(node, 1) != 0) {
                next = first(child(node, 1));
            }
            node = child(node, side);
        }
        return next;
    }

    private int first(int start) {
        int node = start;
        while (node != 0 && !isLeaf(node)) {
            node = child(node, 0) != 0 ? child(node, 0) : child(node, 1);
        }
        return node;
    }
}
