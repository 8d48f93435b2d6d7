package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.List;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A chained hash table off the heap: readers take no lock, writers lock a stripe of the chains, value addresses never move.
 *
 * <p>Layout of the one block: stripes (a line pair each: u32 lock, u32 spare element, u32 live count), the line pair of the free elements
 * (u64 stack: version and element; u32 elements ever taken), heads (u32 element each), elements. Elements count from 1; 0 ends a chain, so
 * zero pages are an empty table and untouched elements cost nothing. There are 1.5 to 3 heads per element.
 *
 * <p>An element: u32 tag, u32 next, key and value, these two padded to 8. The tag is the key's 31-bit hash with {@link #LIVE}, or without it when the
 * element is in no chain. Tag and next are read as one word.
 *
 * <p>A reader that meets an element without a live tag of its chain starts again; so it does when the tag has changed after the key compared
 * equal. A hit is thereby certain. A miss is certain only if no writer has finished in the stripe since the reader began: an element that it
 * was about to visit may have been taken out and put in again further back. (One writer at work takes elements out but cannot put them in
 * again, so readers need not wait for it.) The stripe's lock word tells.
 *
 * <p>Replacing a value takes another element (the stripe's spare) as the kernel does: a program that holds the old value's address goes on to
 * see the old value, whole, until a later replacement reuses it.
 */
final class HashTable {
    /** Heads and elements are counted in 31 bits. */
    static final int MAX_CAPACITY = 1 << 30;

    private static final int LIVE = 0x8000_0000;
    /** More chains than this per writer's lock buy nothing. */
    private static final int MAX_STRIPES = 64;
    private static final int HEADER = 8;

    /** Words of a key that are passed by value. */
    private static final int IN_REGISTERS = 4;
    /** Words of a key that programs hash and compare in straight-line code. */
    private static final int UNROLLED = 16;

    /** Offsets in an element, a stripe, and the pair of the free elements. */
    private static final int NEXT = 4;
    private static final int SPARE = 4;
    private static final int COUNT = 8;
    private static final int TAKEN = 8;

    private final NativeBlock block;
    private final int keySize;
    private final int keyWords;
    private final long lastMask;
    private final int valueSize;
    private final int valueOffset;
    private final long stride;
    private final int capacity;
    private final int headMask;
    private final int stripeMask;
    private final long stripes;
    private final long free;
    private final long heads;
    /** Where element 0 would be. */
    private final long elements;
    private final long seed;
    private final long seed2;

    /**
     * @param capacity live elements at most, 1 to {@link #MAX_CAPACITY}
     * @param seed 0 gives the same chains in every table
     */
    HashTable(int keySize, int valueSize, int capacity, long seed) {
        Geometry geometry = new Geometry(keySize, valueSize, capacity);
        this.block = new NativeBlock(geometry.total(), Words.SHARING);
        this.keySize = keySize;
        this.keyWords = Words.count(keySize);
        this.lastMask = Words.lastMask(keySize);
        this.valueSize = valueSize;
        this.valueOffset = geometry.valueOffset();
        this.stride = geometry.stride();
        this.capacity = capacity;
        this.headMask = geometry.heads - 1;
        this.stripeMask = geometry.stripes - 1;
        this.stripes = block.address();
        this.free = stripes + (long) geometry.stripes * Words.SHARING;
        this.heads = block.address() + geometry.headsOffset();
        this.elements = block.address() + geometry.elementsOffset() - stride;
        this.seed = seed ^ 0x9E37_79B9_7F4A_7C15L;
        this.seed2 = Long.rotateLeft(seed, 32) ^ 0xD6E8_FEB8_6659_FD93L;
        for (int stripe = 0; stripe < geometry.stripes; stripe++) {
            Memory.putInt(stripes + (long) stripe * Words.SHARING + SPARE, capacity + 1 + stripe);
        }
    }

    /** Sizes and offsets in the block, in bytes. */
    private record Geometry(int keySize, int valueSize, int capacity, int heads, int stripes) {
        Geometry(int keySize, int valueSize, int capacity) {
            this(keySize, valueSize, capacity, (int) Math.min(Long.highestOneBit(3L * capacity - 1), 1 << 30),
                    Integer.highestOneBit(Math.clamp(capacity / 16, 1, MAX_STRIPES)));
        }

        int valueOffset() {
            return (int) (HEADER + Words.roundUp(keySize, 8));
        }

        long stride() {
            return valueOffset() + Words.roundUp(valueSize, 8);
        }

        long headsOffset() {
            return (stripes + 1L) * Words.SHARING;
        }

        long elementsOffset() {
            return Words.roundUp(headsOffset() + 4L * heads, Words.SHARING);
        }

        long total() {
            return Words.roundUp(elementsOffset() + ((long) capacity + stripes) * stride(), Words.SHARING);
        }
    }

    static long memoryNeeded(int keySize, int valueSize, int capacity) {
        return new Geometry(keySize, valueSize, capacity).total();
    }

    BpfMap.Storage storage() {
        return new BpfMap.Storage(block, elements + stride, (capacity + stripeMask + 1L) * stride, stride, valueOffset);
    }

    int buckets() {
        return headMask + 1;
    }

    private long element(int index) {
        return elements + Integer.toUnsignedLong(index) * stride;
    }

    private long stripe(int tag) {
        return stripes + (long) (tag & stripeMask) * Words.SHARING;
    }

    private long head(int tag) {
        return heads + (tag & headMask) * 4L;
    }

    // Keys. The first four words travel in registers (words that the key does not have are 0), the others are read where the key lies.

    /** One 64x64->128 multiplication per 16 bytes. */
    private int tag(long k0, long k1, long k2, long k3, long key) {
        long hash = mix(k0 ^ seed, k1 ^ seed2);
        if (keyWords > 2) {
            hash = mix(k2 ^ hash, k3 ^ seed2);
        }
        if (keyWords > IN_REGISTERS) {
            hash = unrolled() ? mixRest(hash, key) : mixLong(hash, key);
        }
        return (int) hash | LIVE;
    }

    /** A loop can be unrolled only where the map is a constant of the compilation. */
    private boolean unrolled() {
        return keyWords <= UNROLLED && CompilerDirectives.isPartialEvaluationConstant(keyWords);
    }

    private static long mix(long a, long b) {
        return Math.multiplyHigh(a, b) ^ a * b;
    }

    @ExplodeLoop
    private long mixRest(long start, long key) {
        long hash = start;
        for (int i = IN_REGISTERS; i < keyWords; i += 2) {
            hash = mix(word(key, i) ^ hash, word(key, i + 1) ^ seed2);
        }
        return hash;
    }

    @TruffleBoundary
    private long mixLong(long hash, long key) {
        return mixRest(hash, key);
    }

    private boolean equalKey(long element, long k0, long k1, long k2, long k3, long key) {
        return Memory.getLongAcquire(element + HEADER) == k0
                && (keyWords < 2 || Memory.getLongAcquire(element + HEADER + 8) == k1)
                && (keyWords < 3 || Memory.getLongAcquire(element + HEADER + 16) == k2)
                && (keyWords < 4 || Memory.getLongAcquire(element + HEADER + 24) == k3)
                && (keyWords <= IN_REGISTERS || (unrolled() ? equalRest(element, key) : equalLong(element, key)));
    }

    @ExplodeLoop
    private boolean equalRest(long element, long key) {
        for (int i = IN_REGISTERS; i < keyWords; i++) {
            if (Memory.getLongAcquire(element + HEADER + (i << 3)) != word(key, i)) {
                return false;
            }
        }
        return true;
    }

    @TruffleBoundary
    private boolean equalLong(long element, long key) {
        return equalRest(element, key);
    }

    private long word(long key, int index) {
        return index < keyWords ? Words.ofKey(key, index, keySize) : 0;
    }

    // Programs.

    /** The address of the value, or 0; no lock, no allocation, and up to 16 words of key no call. */
    long find(long key) {
        return find(word(key, 0), word(key, 1), word(key, 2), word(key, 3), key);
    }

    /** The same for a key of up to four words in registers; bytes past the key's end may be anything, words past it must be 0. */
    long find(long k0, long k1, long k2, long k3) {
        return find(keyWords == 1 ? k0 & lastMask : k0, keyWords == 2 ? k1 & lastMask : k1, keyWords == 3 ? k2 & lastMask : k2,
                keyWords == 4 ? k3 & lastMask : k3, 0);
    }

    private long find(long k0, long k1, long k2, long k3, long key) {
        int tag = tag(k0, k1, k2, k3, key);
        long head = head(tag);
        long stripe = stripe(tag);
        int changes = Memory.getIntAcquire(stripe);
        int index = Memory.getIntAcquire(head);
        while (true) {
            if (index != 0) {
                long element = element(index);
                long header = Memory.getLongAcquire(element);
                int found = (int) header;
                if (found == tag && equalKey(element, k0, k1, k2, k3, key)) {
                    if (Memory.getIntAcquire(element) == tag) {
                        return element + valueOffset;
                    }
                } else if (((found ^ tag) & (headMask | LIVE)) == 0) {
                    index = (int) (header >>> 32);
                    continue;
                }
            } else if (Memory.getIntAcquire(stripe) == changes) {
                return 0;
            }
            changes = Memory.getIntAcquire(stripe);
            index = Memory.getIntAcquire(head);
        }
    }

    /** 0, -EINVAL, -EEXIST, -ENOENT or -E2BIG. */
    long update(long key, long value, long updateFlags) {
        return update(word(key, 0), word(key, 1), word(key, 2), word(key, 3), key, value, updateFlags);
    }

    /**
     * Behind a boundary because of the lock. Key words in registers and no loop but the chain's: 12 ns where loops over
     * words took 17 (16-byte keys).
     */
    @TruffleBoundary
    private long update(long k0, long k1, long k2, long k3, long key, long value, long updateFlags) {
        if (Long.compareUnsigned(updateFlags, MapFlags.EXIST) > 0) {
            return -Errno.EINVAL;
        }
        int tag = tag(k0, k1, k2, k3, key);
        long stripe = stripe(tag);
        SpinLock.lock(stripe);
        long link = link(tag, k0, k1, k2, k3, key);
        int old = Memory.getInt(link);
        long result = 0;
        if (old != 0) {
            if (updateFlags == MapFlags.NOEXIST) {
                result = -Errno.EEXIST;
            } else {
                int spare = Memory.getInt(stripe + SPARE);
                long oldElement = element(old);
                fill(spare, k0, k1, k2, k3, key, value);
                enter(link, spare, tag, Memory.getInt(oldElement + NEXT));
                Memory.putIntRelease(oldElement, 0);
                Memory.putInt(stripe + SPARE, old);
            }
        } else if (updateFlags == MapFlags.EXIST) {
            result = -Errno.ENOENT;
        } else {
            int fresh = take();
            if (fresh == 0) {
                result = -Errno.E2BIG;
            } else {
                long head = head(tag);
                fill(fresh, k0, k1, k2, k3, key, value);
                enter(head, fresh, tag, Memory.getInt(head));
                Memory.putInt(stripe + COUNT, Memory.getInt(stripe + COUNT) + 1);
            }
        }
        SpinLock.unlock(stripe);
        return result;
    }

    /** 0 or -ENOENT. */
    long delete(long key) {
        return delete(word(key, 0), word(key, 1), word(key, 2), word(key, 3), key);
    }

    @TruffleBoundary
    private long delete(long k0, long k1, long k2, long k3, long key) {
        int tag = tag(k0, k1, k2, k3, key);
        long stripe = stripe(tag);
        SpinLock.lock(stripe);
        long link = link(tag, k0, k1, k2, k3, key);
        int index = Memory.getInt(link);
        if (index != 0) {
            long element = element(index);
            Memory.putIntRelease(link, Memory.getInt(element + NEXT));
            Memory.putIntRelease(element, 0);
            Memory.putInt(stripe + COUNT, Memory.getInt(stripe + COUNT) - 1);
        }
        SpinLock.unlock(stripe);
        if (index == 0) {
            return -Errno.ENOENT;
        }
        give(index);
        return 0;
    }

    // Under the stripe's lock.

    /** Where the number of the key's element is stored, or the end of its chain. */
    private long link(int tag, long k0, long k1, long k2, long k3, long key) {
        long link = head(tag);
        for (int index = Memory.getInt(link); index != 0; index = Memory.getInt(link)) {
            long element = element(index);
            if (Memory.getInt(element) == tag && equalKey(element, k0, k1, k2, k3, key)) {
                break;
            }
            link = element + NEXT;
        }
        return link;
    }

    /** Writes key and value of an element that is in no chain. */
    private void fill(int index, long k0, long k1, long k2, long k3, long key, long value) {
        long element = element(index);
        Memory.putLong(element + HEADER, k0);
        if (keyWords > 1) {
            Memory.putLong(element + HEADER + 8, k1);
        }
        if (keyWords > 2) {
            Memory.putLong(element + HEADER + 16, k2);
        }
        if (keyWords > 3) {
            Memory.putLong(element + HEADER + 24, k3);
        }
        for (int i = IN_REGISTERS; i < keyWords; i++) {
            Memory.putLong(element + HEADER + (i << 3), word(key, i));
        }
        Words.copyShort(value, element + valueOffset, valueSize);
    }

    /** Makes an element live, tag and successor in one word, and only then reachable. */
    private void enter(long link, int index, int tag, int next) {
        Memory.putLongRelease(element(index), Integer.toUnsignedLong(tag) | (long) next << 32);
        Memory.putIntRelease(link, index);
    }

    // Elements in no chain.

    /** An element out of those that were deleted, else one that never was used, else 0. */
    private int take() {
        while (true) {
            long top = Memory.getLongVolatile(free);
            int index = (int) top;
            if (index == 0) {
                break;
            }
            // May be another's by now and next any number: then the version has moved on.
            int next = Memory.getInt(element(index) + NEXT);
            if (Memory.compareAndSetLong(free, top, version(top) | Integer.toUnsignedLong(next))) {
                return index;
            }
        }
        while (true) {
            int taken = Memory.getIntVolatile(free + TAKEN);
            if (taken == capacity) {
                return 0;
            }
            if (Memory.compareAndSetInt(free + TAKEN, taken, taken + 1)) {
                return taken + 1;
            }
        }
    }

    private void give(int index) {
        while (true) {
            long top = Memory.getLongVolatile(free);
            Memory.putInt(element(index) + NEXT, (int) top);
            if (Memory.compareAndSetLong(free, top, version(top) | Integer.toUnsignedLong(index))) {
                return;
            }
        }
    }

    /** The next version of the free stack's word. */
    private static long version(long top) {
        return (top >>> 32) + 1 << 32;
    }

    // The control plane. Under a stripe's lock a value belongs to its key for as long as it takes to copy.

    /** A copy of the value, or null. */
    byte[] read(long key) {
        byte[] value = new byte[valueSize];
        long k0 = word(key, 0);
        long k1 = word(key, 1);
        long k2 = word(key, 2);
        long k3 = word(key, 3);
        int tag = tag(k0, k1, k2, k3, key);
        long stripe = stripe(tag);
        SpinLock.lock(stripe);
        int index = Memory.getInt(link(tag, k0, k1, k2, k3, key));
        if (index != 0) {
            Memory.copyTo(element(index) + valueOffset, value, 0, valueSize);
        }
        SpinLock.unlock(stripe);
        return index == 0 ? null : value;
    }

    /** Adds copies of all entries of a chain. */
    void collect(int bucket, List<BpfMap.Entry> target) {
        if (Memory.getIntVolatile(head(bucket)) == 0) {
            return;
        }
        long stripe = stripe(bucket);
        SpinLock.lock(stripe);
        try {
            for (int index = Memory.getInt(head(bucket)); index != 0; index = Memory.getInt(element(index) + NEXT)) {
                long element = element(index);
                target.add(new BpfMap.Entry(Memory.bytes(element + HEADER, keySize), Memory.bytes(element + valueOffset, valueSize)));
            }
        } finally {
            SpinLock.unlock(stripe);
        }
    }

    /** How many elements are live. */
    long size() {
        long size = 0;
        for (int stripe = 0; stripe <= stripeMask; stripe++) {
            size += Memory.getIntVolatile(stripes + (long) stripe * Words.SHARING + COUNT);
        }
        return size;
    }
}
