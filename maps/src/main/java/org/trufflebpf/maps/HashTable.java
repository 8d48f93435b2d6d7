package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A chained hash table off the heap: readers take no lock, writers lock a stripe of the chains, value addresses never move.
 *
 * <p>Layout of the one block: stripes (a line pair each: u32 lock, u32 spare element, u32 live count), a line pair for {@link FreeElements} and
 * {@link Clock}, heads (u32 element each), elements, and the values if each CPU has its own: then one array per CPU, as far apart as
 * {@link Words#SHARING} says. Elements count from 1; 0 ends a chain, so zero pages are an empty table and untouched elements cost nothing.
 *
 * <p>An element: u32 tag, u32 next, in LRU tables u32 mark and u32 unused, key, and the value that all CPUs share, these two padded to 8. The tag
 * is the key's 31-bit hash with {@link #LIVE}, or without it when the element is in no chain. Tag and next are read as one word. Lookups of
 * programs set the mark.
 *
 * <p>A reader that meets an element without a live tag of its chain starts again; so it does when the tag has changed after the key compared
 * equal. A hit is thereby certain. A miss is certain only if no writer has finished in the stripe since the reader began: an element that it
 * was about to visit may have been taken out and put in again further back. (One writer at work takes elements out but cannot put them in
 * again, so readers need not wait for it.) The stripe's lock word tells.
 *
 * <p>Replacing a shared value takes another element (the stripe's spare) as the kernel does: a program that holds the old value's address goes on
 * to see the old value, whole, until a later replacement reuses it. Values per CPU are replaced where they are, as in the kernel.
 */
final class HashTable {
    /** For the {@code cpu} of an update: the value is one for every CPU, each padded to 8 bytes. */
    static final int EVERY_CPU = -1;

    private static final int LIVE = 0x8000_0000;

    /** Offsets in an element, a stripe, and the pair of the free elements. */
    private static final int NEXT = 4;
    private static final int MARK = 8;
    private static final int SPARE = 4;
    private static final int COUNT = 8;
    private static final int HAND = 64;

    private final HashShape shape;
    private final NativeBlock block;
    private final HashKeys keys;
    private final int keyOffset;
    private final int valueSize;
    private final long stride;
    private final int valueOffset;
    private final long valueStride;
    private final long cpuStride;
    private final boolean lru;
    private final ValueFields fields;
    private final References references;
    private final int headMask;
    private final int stripeMask;
    private final long stripes;
    private final long heads;
    /** Where element 0 would be. Not final: as a constant it would make a constant of 64 bits of each place in an element. */
    private long elements;
    /** Where the value of element 0 would be. */
    private final long values;
    private final FreeElements free;
    private final Clock clock;
    /** Of programs' threads: whether they need the stripes' locks. */
    private final WriterBias bias = new WriterBias();

    /**
     * @param references is told of timers that go with their elements
     * @param seed 0 gives the same chains in every table
     */
    HashTable(HashShape shape, References references, long seed) {
        this.shape = shape;
        this.block = new NativeBlock(shape.total(), Words.SHARING);
        this.keys = new HashKeys(shape.keySize(), seed);
        this.keyOffset = shape.keyOffset();
        this.valueSize = shape.valueSize();
        this.stride = shape.elementStride();
        this.valueOffset = shape.valueOffset();
        this.valueStride = shape.valueStride();
        this.cpuStride = shape.cpuStride();
        this.lru = shape.lru();
        this.fields = shape.fields();
        this.references = references;
        this.headMask = shape.heads() - 1;
        this.stripeMask = shape.stripes() - 1;
        this.stripes = block.address();
        this.heads = block.address() + shape.headsOffset();
        this.elements = block.address() + shape.elementsOffset() - stride;
        this.values = block.address() + shape.valuesOffset() + shape.valueOffset() - valueStride;
        long shared = stripes + (long) shape.stripes() * Words.SHARING;
        this.free = new FreeElements(shared, elements + NEXT, stride, shape.capacity());
        this.clock = new Clock(this, shared + HAND, shape.elements());
        for (int stripe = 0; stripe <= stripeMask; stripe++) {
            Memory.putInt(stripes + (long) stripe * Words.SHARING + SPARE, shape.capacity() + 1 + stripe);
        }
    }

    BpfMap.Storage storage() {
        return new BpfMap.Storage(block, block.address() + shape.valuesOffset(), shape.valuesSize(), valueStride, shape.valueOffset());
    }

    int buckets() {
        return headMask + 1;
    }

    private long element(int index) {
        return elements + Integer.toUnsignedLong(index) * stride;
    }

    private long value(int index, int cpu) {
        return values + Integer.toUnsignedLong(index) * valueStride + cpu * cpuStride;
    }

    private long stripe(int tag) {
        return stripes + (long) (tag & stripeMask) * Words.SHARING;
    }

    private long head(int tag) {
        return heads + (tag & headMask) * 4L;
    }

    // Programs.

    /** The address of this CPU's value, or 0; no lock, no allocation, and up to 16 words of key no call. */
    long find(long key, int cpu) {
        return find(keys.word(key, 0), keys.word(key, 1), keys.word(key, 2), keys.word(key, 3), key, cpu);
    }

    /** The same for a key of up to four words in registers; bytes past the key's end may be anything, words past it must be 0. */
    long find(int cpu, long k0, long k1, long k2, long k3) {
        return find(keys.bounded(0, k0), keys.bounded(1, k1), keys.bounded(2, k2), keys.bounded(3, k3), 0, cpu);
    }

    /**
     * Straight to the first element of the chain, which is nearly always it; all else is behind a call, so that the program has no loop here. An
     * empty chain is a certain miss. The key is read before the tag: an element that has it then is live, and has had the key all along.
     */
    private long find(long k0, long k1, long k2, long k3, long key, int cpu) {
        int tag = keys.hash(k0, k1, k2, k3, key) | LIVE;
        int index = Memory.getIntAcquire(head(tag));
        if (index == 0) {
            return 0;
        }
        long element = element(index);
        // One jump for key and tag.
        long difference = keys.difference(element + keyOffset, k0, k1, k2, k3, key) | Memory.getInt(element) ^ tag;
        if (CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, difference == 0)) {
            mark(element);
            return value(element, index, cpu);
        }
        index = findInChain(tag, k0, k1, k2, k3, key);
        if (index == 0) {
            return 0;
        }
        element = element(index);
        mark(element);
        return value(element, index, cpu);
    }

    private long value(long element, int index, int cpu) {
        return cpuStride == 0 ? element + valueOffset : value(index, cpu);
    }

    /** The number of the key's element, or 0. */
    @TruffleBoundary
    private int findInChain(int tag, long k0, long k1, long k2, long k3, long key) {
        long head = head(tag);
        long stripe = stripe(tag);
        int changes = Memory.getIntAcquire(stripe);
        int index = Memory.getIntAcquire(head);
        while (true) {
            if (index != 0) {
                long element = element(index);
                long header = Memory.getLongAcquire(element);
                int found = (int) header;
                if (found == tag && keys.difference(element + keyOffset, k0, k1, k2, k3, key) == 0) {
                    if (Memory.getIntAcquire(element) == tag) {
                        return index;
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

    // Going over the elements takes no lock. As in the kernel it goes on to the element that followed when the program got the one before.

    /** See {@link BpfMap#next}. Each chain is begun once, so what the program adds to chains that it has passed does not come. */
    long next(long cursor, int cpu) {
        int chain = Memory.getInt(cursor + ElementCursor.CHAIN);
        int index = chain == 0 ? 0 : following(cursor, chain - 1);
        while (index == 0) {
            if (chain > headMask) {
                Memory.putInt(cursor + ElementCursor.FOLLOWING, 0);
                return 0;
            }
            index = first(chain++);
        }
        Memory.putInt(cursor + ElementCursor.CHAIN, chain);
        Memory.putInt(cursor + ElementCursor.ELEMENT, index);
        Memory.putInt(cursor + ElementCursor.FOLLOWING, Memory.getIntAcquire(element(index) + NEXT));
        return value(index, cpu);
    }

    /** The element after the one that the cursor is at, or 0 where the chain ends. If it is gone, the one that took its place. */
    private int following(long cursor, int chain) {
        int following = Memory.getInt(cursor + ElementCursor.FOLLOWING);
        if (following == 0 || isIn(following, chain)) {
            return following;
        }
        int current = Memory.getInt(cursor + ElementCursor.ELEMENT);
        int successor = Memory.getIntAcquire(element(current) + NEXT);
        return isIn(current, chain) && successor != 0 && isIn(successor, chain) ? successor : 0;
    }

    private int first(int chain) {
        int index = Memory.getIntAcquire(heads + chain * 4L);
        while (index != 0 && !isIn(index, chain)) {
            index = Memory.getIntAcquire(heads + chain * 4L);
        }
        return index;
    }

    private boolean isIn(int index, int chain) {
        return (Memory.getIntAcquire(element(index)) & (headMask | LIVE)) == (chain | LIVE);
    }

    long keyAt(long cursor) {
        return element(Memory.getInt(cursor + ElementCursor.ELEMENT)) + keyOffset;
    }

    long keysAddress() {
        return elements + stride;
    }

    long keysSize() {
        return shape.elements() * stride;
    }

    long keyStride() {
        return stride;
    }

    int keyOffset() {
        return keyOffset;
    }

    private void mark(long element) {
        if (lru && Memory.getInt(element + MARK) == 0) {
            Memory.putInt(element + MARK, 1);
        }
    }

    /**
     * 0, -EINVAL, -EEXIST, -ENOENT; -EBUSY for a lock in the value that nobody frees; of a full table -E2BIG, or -ENOMEM from an
     * LRU table whose elements are all in other writers' hands.
     *
     * @param cpu whose value it is; the other CPUs' values of a new element are 0
     */
    long update(long key, long value, long updateFlags, int cpu) {
        bias.claim();
        return update(keys.word(key, 0), keys.word(key, 1), keys.word(key, 2), keys.word(key, 3), key, value, updateFlags, cpu, false);
    }

    /** The same for the control plane. */
    long write(long key, long value, long updateFlags, int cpu) {
        bias.suspend();
        try {
            return update(keys.word(key, 0), keys.word(key, 1), keys.word(key, 2), keys.word(key, 3), key, value, updateFlags, cpu, false);
        } finally {
            bias.resume();
        }
    }

    /**
     * The same as {@link #update(long, long, long, int)} for a program that has no address of a value in this table, which would show it the new value
     * too early: so an element that is there can keep its place. The key is given as to {@link #find(int, long, long, long, long)}.
     *
     * <p>Like a lookup with the first element of the chain at hand, and a copy; 4 ns where the lock alone takes 7.
     */
    long updateInPlace(long value, long updateFlags, int cpu, long w0, long w1, long w2, long w3) {
        long k0 = keys.bounded(0, w0);
        long k1 = keys.bounded(1, w1);
        long k2 = keys.bounded(2, w2);
        long k3 = keys.bounded(3, w3);
        if ((updateFlags == MapFlags.ANY || updateFlags == MapFlags.EXIST) && !fields.any() && bias.enter()) {
            int tag = keys.hash(k0, k1, k2, k3, 0) | LIVE;
            int index = Memory.getInt(head(tag));
            long element = element(index);
            boolean found = index != 0 && (keys.difference(element + keyOffset, k0, k1, k2, k3, 0) | Memory.getInt(element) ^ tag) == 0;
            if (CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, found)) {
                Words.copy(value, value(element, index, cpu), valueSize);
                mark(element);
                bias.leave();
                return 0;
            }
            bias.leave();
        }
        return updateAnywhere(value, updateFlags, cpu, k0, k1, k2, k3);
    }

    @TruffleBoundary
    private long updateAnywhere(long value, long updateFlags, int cpu, long k0, long k1, long k2, long k3) {
        bias.claim();
        return update(k0, k1, k2, k3, 0, value, updateFlags, cpu, !fields.any());
    }

    /**
     * Behind a boundary because of the lock. Key words in registers and no loop but the chain's: 12 ns where loops over
     * words took 17 (16-byte keys).
     *
     * @param inPlace whether an element that is there may get the new value
     */
    @TruffleBoundary
    private long update(long k0, long k1, long k2, long k3, long key, long value, long updateFlags, int cpu, boolean inPlace) {
        boolean locked = (updateFlags & MapFlags.LOCK) != 0;
        long condition = updateFlags & ~MapFlags.LOCK;
        if (Long.compareUnsigned(condition, MapFlags.EXIST) > 0 || locked && !fields.hasLock()) {
            return -Errno.EINVAL;
        }
        int tag = keys.hash(k0, k1, k2, k3, key) | LIVE;
        long stripe = stripe(tag);
        // To evict one takes another stripe's lock, so with none held; the key may have come meanwhile.
        int evicted = 0;
        while (true) {
            boolean alone = lock(stripe);
            long link = link(tag, k0, k1, k2, k3, key);
            int old = Memory.getInt(link);
            long result = 0;
            if (old != 0) {
                if (condition == MapFlags.NOEXIST) {
                    result = -Errno.EEXIST;
                } else if (locked) {
                    result = fields.update(value, value(old, 0), valueSize, true);
                } else if (inPlace && cpuStride == 0) {
                    Words.copyShort(value, value(old, 0), valueSize);
                    mark(element(old));
                } else {
                    replace(stripe, link, old, tag, k0, k1, k2, k3, key, value, cpu);
                }
            } else if (condition == MapFlags.EXIST) {
                result = -Errno.ENOENT;
            } else {
                int fresh = evicted != 0 ? evicted : free.take();
                if (fresh != 0) {
                    evicted = 0;
                    long head = head(tag);
                    fill(fresh, k0, k1, k2, k3, key, value, cpu, 0);
                    enter(head, fresh, tag, Memory.getInt(head));
                    Memory.putInt(stripe + COUNT, Memory.getInt(stripe + COUNT) + 1);
                } else if (lru) {
                    unlock(stripe, alone);
                    evicted = clock.evict();
                    if (evicted == 0) {
                        return -Errno.ENOMEM;
                    }
                    continue;
                } else {
                    result = -Errno.E2BIG;
                }
            }
            unlock(stripe, alone);
            if (evicted != 0) {
                free.give(evicted);
            }
            return result;
        }
    }

    /** 0 or -ENOENT. */
    long delete(long key) {
        bias.claim();
        return delete(keys.word(key, 0), keys.word(key, 1), keys.word(key, 2), keys.word(key, 3), key);
    }

    /** The same for the control plane. */
    long erase(long key) {
        bias.suspend();
        try {
            return delete(keys.word(key, 0), keys.word(key, 1), keys.word(key, 2), keys.word(key, 3), key);
        } finally {
            bias.resume();
        }
    }

    @TruffleBoundary
    private long delete(long k0, long k1, long k2, long k3, long key) {
        int tag = keys.hash(k0, k1, k2, k3, key) | LIVE;
        long stripe = stripe(tag);
        boolean alone = lock(stripe);
        long link = link(tag, k0, k1, k2, k3, key);
        int index = Memory.getInt(link);
        if (index != 0) {
            long element = element(index);
            leave(stripe, link, element);
            stopTimer(index);
        }
        unlock(stripe, alone);
        if (index == 0) {
            return -Errno.ENOENT;
        }
        free.give(index);
        return 0;
    }

    /**
     * Whether no lock was needed. Readers see a change either way. Locks and timers in values are things to wait for.
     */
    private boolean lock(long stripe) {
        boolean alone = !fields.any() && bias.enter();
        if (alone) {
            Memory.putInt(stripe, Memory.getInt(stripe) + 1);
        } else {
            SpinLock.lock(stripe);
        }
        return alone;
    }

    private void unlock(long stripe, boolean alone) {
        SpinLock.unlock(stripe);
        if (alone) {
            bias.leave();
        }
    }

    // The clock.

    boolean isLive(int index) {
        return Memory.getIntVolatile(element(index)) < 0;
    }

    /** Whether it was marked. */
    boolean unmark(int index) {
        long mark = element(index) + MARK;
        if (Memory.getInt(mark) == 0) {
            return false;
        }
        Memory.putInt(mark, 0);
        return true;
    }

    /** Takes an element out of its chain; false when it is in none by now. */
    boolean unlink(int index) {
        long element = element(index);
        int tag = Memory.getIntVolatile(element);
        long stripe = stripe(tag);
        SpinLock.lock(stripe);
        long link = head(tag);
        int at = Memory.getInt(link);
        while (at != 0 && at != index) {
            link = element(at) + NEXT;
            at = Memory.getInt(link);
        }
        if (at == index) {
            leave(stripe, link, element);
            stopTimer(index);
        }
        SpinLock.unlock(stripe);
        return at == index;
    }

    // Under the stripe's lock.

    /** Where the number of the key's element is stored, or the end of its chain. */
    private long link(int tag, long k0, long k1, long k2, long k3, long key) {
        long link = head(tag);
        for (int index = Memory.getInt(link); index != 0; index = Memory.getInt(link)) {
            long element = element(index);
            if (Memory.getInt(element) == tag && keys.difference(element + keyOffset, k0, k1, k2, k3, key) == 0) {
                break;
            }
            link = element + NEXT;
        }
        return link;
    }

    private void replace(long stripe, long link, int old, int tag, long k0, long k1, long k2, long k3, long key, long value, int cpu) {
        if (cpuStride != 0) {
            fillValues(old, value, cpu, false);
            return;
        }
        int spare = Memory.getInt(stripe + SPARE);
        long oldElement = element(old);
        fill(spare, k0, k1, k2, k3, key, value, cpu, 1);
        enter(link, spare, tag, Memory.getInt(oldElement + NEXT));
        Memory.putIntRelease(oldElement, 0);
        Memory.putInt(stripe + SPARE, old);
        stopTimer(old);
    }

    /** Writes key, mark and value of an element that is in no chain. */
    private void fill(int index, long k0, long k1, long k2, long k3, long key, long value, int cpu, int mark) {
        long element = element(index);
        keys.put(element + keyOffset, k0, k1, k2, k3, key);
        if (lru) {
            Memory.putInt(element + MARK, mark);
        }
        if (cpuStride != 0) {
            fillValues(index, value, cpu, true);
        } else {
            Words.copyShort(value, value(index, 0), valueSize);
            fields.clear(value(index, 0));
        }
    }

    private void fillValues(int index, long value, int cpu, boolean fresh) {
        for (int each = 0; each < shape.cpus(); each++) {
            if (cpu == EVERY_CPU) {
                Words.copyShort(value + each * valueStride, value(index, each), valueSize);
            } else if (each == cpu) {
                Words.copyShort(value, value(index, each), valueSize);
            } else if (fresh) {
                Words.clear(value(index, each), valueSize);
            }
        }
    }

    /** Makes an element live, tag and successor in one word, and only then reachable. */
    private void enter(long link, int index, int tag, int next) {
        Memory.putLongRelease(element(index), Integer.toUnsignedLong(tag) | (long) next << 32);
        Memory.putIntRelease(link, index);
    }

    /** The timer in an element that is in no chain any more; nobody has the element yet. */
    private void stopTimer(int index) {
        if (fields.hasTimer()) {
            references.timerGone(value(index, 0) + fields.timer());
        }
    }

    private void leave(long stripe, long link, long element) {
        Memory.putIntRelease(link, Memory.getInt(element + NEXT));
        Memory.putIntRelease(element, 0);
        Memory.putInt(stripe + COUNT, Memory.getInt(stripe + COUNT) - 1);
    }

    // The control plane. Under a stripe's lock a value belongs to its key for as long as it takes to copy.

    /** A copy of the value, those of all CPUs each padded to 8 bytes, or null; sets no mark. */
    byte[] read(long key) {
        byte[] value = new byte[controlValueSize()];
        long k0 = keys.word(key, 0);
        long k1 = keys.word(key, 1);
        long k2 = keys.word(key, 2);
        long k3 = keys.word(key, 3);
        int tag = keys.hash(k0, k1, k2, k3, key) | LIVE;
        long stripe = stripe(tag);
        lockForControl(stripe);
        int index = Memory.getInt(link(tag, k0, k1, k2, k3, key));
        if (index != 0) {
            copyValue(index, value);
        }
        unlockForControl(stripe);
        return index == 0 ? null : value;
    }

    /** The key that an element has or had, by the place of one of its values among all. */
    byte[] keyOf(long value) {
        long index = 1 + (cpuStride == 0 ? value : value % (cpuStride / valueStride));
        return index > shape.elements() ? null : Memory.bytes(element((int) index) + keyOffset, shape.keySize());
    }

    int controlValueSize() {
        return cpuStride == 0 ? valueSize : (int) valueStride * shape.cpus();
    }

    private void copyValue(int index, byte[] target) {
        for (int cpu = 0; cpu < Math.max(1, shape.cpus()); cpu++) {
            Memory.copyTo(value(index, cpu), target, cpu * (int) valueStride, valueSize);
        }
        fields.clear(target);
    }

    /** Is given an element's entry, copied. */
    @FunctionalInterface
    interface Visitor {
        void visit(BpfMap.Entry entry, int index);
    }

    /** Visits all entries of a chain; the visitor is called under the lock. */
    void visit(int bucket, Visitor visitor) {
        if (Memory.getIntVolatile(head(bucket)) == 0) {
            return;
        }
        long stripe = stripe(bucket);
        lockForControl(stripe);
        try {
            for (int index = Memory.getInt(head(bucket)); index != 0; index = Memory.getInt(element(index) + NEXT)) {
                long element = element(index);
                byte[] value = new byte[controlValueSize()];
                copyValue(index, value);
                visitor.visit(new BpfMap.Entry(Memory.bytes(element + keyOffset, shape.keySize()), value), index);
            }
        } finally {
            unlockForControl(stripe);
        }
    }

    private void lockForControl(long stripe) {
        bias.suspend();
        SpinLock.lock(stripe);
    }

    private void unlockForControl(long stripe) {
        SpinLock.unlock(stripe);
        bias.resume();
    }

    /**
     * When an element of an LRU table would have to go: those that nobody looked up come first, as the hand will meet them, then the others. Smaller is
     * earlier.
     */
    long turn(int index) {
        long round = shape.elements();
        long distance = Math.floorMod(index - 1 - clock.position(), round);
        return Memory.getInt(element(index) + MARK) == 0 ? distance : round + distance;
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
