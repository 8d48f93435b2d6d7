package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * A chained hash table off the heap: readers take no lock, writers lock a stripe of the chains, value addresses never move.
 *
 * <p>Replacing a shared value takes another element (the stripe's spare) as the kernel does: a program that holds the old value's address goes on
 * to see the old value, whole, until a later replacement reuses it. Values per CPU are replaced where they are, as in the kernel.
 */
final class HashTable {
    /** Offset of the clock's hand in what all stripes share. */
    private static final int HAND = 64;

    private final HashShape shape;
    private final NativeBlock block;
    private final KeyShape keyShape;
    private final HashKeys keys;
    private final HashElements elements;
    private final HashStripes stripes;
    private final HashChains chains;
    private final FreeElements free;
    private final Clock clock;
    private final ValueFields fields;
    private final References references;

    /**
     * @param references is told of timers that go with their elements
     * @param seed 0 gives the same chains in every table
     */
    HashTable(HashShape shape, References references, long seed) {
        this.shape = shape;
        this.block = new NativeBlock(shape.total(), Words.SHARING);
        this.keyShape = new KeyShape(shape.keySize());
        this.keys = new HashKeys(keyShape, seed);
        this.elements = new HashElements(shape, keys, block.address());
        this.stripes = new HashStripes(shape, elements, block.address());
        this.chains = new HashChains(shape, elements, keys, stripes, block.address() + shape.headsOffset());
        long shared = block.address() + shape.sharedOffset();
        this.free = new FreeElements(elements, shared, shape.capacity());
        this.clock = new Clock(this, elements, shared + HAND, shape.elements());
        this.fields = shape.fields();
        this.references = references;
    }

    BpfMap.Storage storage() {
        return new BpfMap.Storage(block, block.address() + shape.valuesOffset(), shape.valuesSize(), shape.valueStride(), shape.valueOffset());
    }

    HashShape shape() {
        return shape;
    }

    HashElements elements() {
        return elements;
    }

    HashKeys keys() {
        return keys;
    }

    HashChains chains() {
        return chains;
    }

    // Programs.

    /** The address of this CPU's value, or 0; no lock, no allocation, and up to 16 words of key no call. */
    long find(long key, int cpu) {
        return chains.find(keyShape, keys, key, cpu);
    }

    /** The same for a key of up to four words in registers; bytes past the key's end may be anything, words past it must be 0. */
    long find(int cpu, long k0, long k1, long k2, long k3) {
        return chains.find(keyShape, keys, keyShape.bounded(0, k0), keyShape.bounded(1, k1), keyShape.bounded(2, k2), keyShape.bounded(3, k3), 0, cpu);
    }

    /**
     * 0, -EINVAL, -EEXIST, -ENOENT; -EBUSY for a lock in the value that nobody frees; of a full table -E2BIG, or -ENOMEM from an
     * LRU table whose elements are all in other writers' hands.
     *
     * @param cpu whose value it is; the other CPUs' values of a new element are 0
     */
    long update(long key, long value, long updateFlags, int cpu) {
        stripes.claim();
        return update(keyShape.word(key, 0), keyShape.word(key, 1), keyShape.word(key, 2), keyShape.word(key, 3), key, value, updateFlags, cpu, false);
    }

    /** The same for the control plane. */
    long write(long key, long value, long updateFlags, int cpu) {
        stripes.suspend();
        try {
            return update(keyShape.word(key, 0), keyShape.word(key, 1), keyShape.word(key, 2), keyShape.word(key, 3), key, value, updateFlags, cpu, false);
        } finally {
            stripes.resume();
        }
    }

    /**
     * The same as {@link #update(long, long, long, int)} for a program that has no address of a value in this table, which would show it the new
     * value too early: so an element that is there can keep its place. The key is given as to {@link #find(int, long, long, long, long)}.
     *
     * <p>Like a lookup with the first element of the chain at hand, and a copy; 4 ns where the lock alone takes 7.
     */
    long updateInPlace(long value, long updateFlags, int cpu, long w0, long w1, long w2, long w3) {
        long k0 = keyShape.bounded(0, w0);
        long k1 = keyShape.bounded(1, w1);
        long k2 = keyShape.bounded(2, w2);
        long k3 = keyShape.bounded(3, w3);
        if ((updateFlags == MapFlags.ANY || updateFlags == MapFlags.EXIST) && stripes.enter()) {
            long hash = keys.hash(k0, k1, k2, k3, 0);
            int place = Memory.getInt(chains.head(hash));
            long element = elements.at(place);
            boolean found = place != 0 && elements.is(keyShape, element, HashElements.signature(hash), k0, k1, k2, k3, 0);
            if (CompilerDirectives.injectBranchProbability(CompilerDirectives.FASTPATH_PROBABILITY, found)) {
                Words.copy(value, elements.value(place, cpu), shape.valueSize());
                stripes.leave();
                return 0;
            }
            stripes.leave();
        }
        return updateAnywhere(value, updateFlags, cpu, k0, k1, k2, k3);
    }

    @TruffleBoundary
    private long updateAnywhere(long value, long updateFlags, int cpu, long k0, long k1, long k2, long k3) {
        stripes.claim();
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
        long hash = keys.hash(k0, k1, k2, k3, key);
        int signature = HashElements.signature(hash);
        long stripe = stripes.of(hash);
        // To evict one takes another stripe's lock, so with none held; the key may have come meanwhile.
        int evicted = 0;
        while (true) {
            boolean alone = stripes.lock(stripe);
            long link = chains.link(hash, k0, k1, k2, k3, key);
            int old = Memory.getInt(link);
            long result = 0;
            if (old != 0) {
                if (condition == MapFlags.NOEXIST) {
                    result = -Errno.EEXIST;
                } else if (locked) {
                    result = fields.update(value, elements.value(old, 0), shape.valueSize(), true);
                } else if (shape.cpus() != 0) {
                    elements.setValues(old, value, cpu, false);
                } else if (inPlace) {
                    Words.copyShort(value, elements.value(old, 0), shape.valueSize());
                    elements.mark(elements.at(old));
                } else {
                    int spare = stripes.spare(stripe);
                    elements.fill(spare, k0, k1, k2, k3, key, value, cpu);
                    chains.replace(link, spare, signature);
                    stripes.setSpare(stripe, old);
                    stopTimer(old);
                }
            } else if (condition == MapFlags.EXIST) {
                result = -Errno.ENOENT;
            } else {
                int fresh = evicted != 0 ? evicted : free.take();
                if (fresh != 0) {
                    evicted = 0;
                    elements.fill(fresh, k0, k1, k2, k3, key, value, cpu);
                    chains.enter(fresh, shape.lru() ? signature & ~HashElements.MARKED : signature);
                    stripes.count(stripe, 1);
                } else if (shape.lru()) {
                    stripes.unlock(stripe, alone);
                    evicted = clock.evict();
                    if (evicted == 0) {
                        return -Errno.ENOMEM;
                    }
                    stopTimer(evicted);
                    continue;
                } else {
                    result = -Errno.E2BIG;
                }
            }
            stripes.unlock(stripe, alone);
            if (evicted != 0) {
                free.give(evicted);
            }
            return result;
        }
    }

    /** 0 or -ENOENT. */
    long delete(long key) {
        stripes.claim();
        return delete(keyShape.word(key, 0), keyShape.word(key, 1), keyShape.word(key, 2), keyShape.word(key, 3), key);
    }

    /** The same for the control plane. */
    long erase(long key) {
        stripes.suspend();
        try {
            return delete(keyShape.word(key, 0), keyShape.word(key, 1), keyShape.word(key, 2), keyShape.word(key, 3), key);
        } finally {
            stripes.resume();
        }
    }

    @TruffleBoundary
    private long delete(long k0, long k1, long k2, long k3, long key) {
        long hash = keys.hash(k0, k1, k2, k3, key);
        long stripe = stripes.of(hash);
        boolean alone = stripes.lock(stripe);
        long link = chains.link(hash, k0, k1, k2, k3, key);
        int place = Memory.getInt(link);
        if (place != 0) {
            chains.leave(link);
            stripes.count(stripe, -1);
            stopTimer(place);
        }
        stripes.unlock(stripe, alone);
        if (place == 0) {
            return -Errno.ENOENT;
        }
        free.give(place);
        return 0;
    }

    /** Takes an element out of its chain for the clock; false when it is in none by now. */
    boolean unlink(int place) {
        int signature = Memory.getIntVolatile(elements.at(place));
        long stripe = stripes.of(signature);
        SpinLock.lock(stripe);
        long link = chains.linkOf(place, signature);
        if (link != 0) {
            chains.leave(link);
            stripes.count(stripe, -1);
        }
        SpinLock.unlock(stripe);
        return link != 0;
    }

    /** The timer in an element that is in no chain any more; nobody has the element yet. */
    private void stopTimer(int place) {
        if (fields.hasTimer()) {
            references.timerGone(elements.value(place, 0) + fields.timer());
        }
    }

    // The control plane.

    /** A copy of the value, those of all CPUs each padded to 8 bytes, or null; sets no mark. */
    byte[] read(long key) {
        long k0 = keyShape.word(key, 0);
        long k1 = keyShape.word(key, 1);
        long k2 = keyShape.word(key, 2);
        long k3 = keyShape.word(key, 3);
        long hash = keys.hash(k0, k1, k2, k3, key);
        long stripe = stripes.of(hash);
        lockForControl(stripe);
        try {
            int place = Memory.getInt(chains.link(hash, k0, k1, k2, k3, key));
            return place == 0 ? null : elements.copyOfValue(place);
        } finally {
            unlockForControl(stripe);
        }
    }

    /** Is given an element's entry, copied. */
    @FunctionalInterface
    interface Visitor {
        void visit(BpfMap.Entry entry, int place);
    }

    /** Visits all entries of a chain; the visitor is called under the lock. */
    void visit(int chain, Visitor visitor) {
        if (chains.isEmpty(chain)) {
            return;
        }
        long stripe = stripes.of((long) chain << HashElements.STATE_BITS);
        lockForControl(stripe);
        try {
            chains.visit(chain, place -> visitor.visit(new BpfMap.Entry(elements.copyOfKey(elements.at(place)), elements.copyOfValue(place)), place));
        } finally {
            unlockForControl(stripe);
        }
    }

    private void lockForControl(long stripe) {
        stripes.suspend();
        SpinLock.lock(stripe);
    }

    private void unlockForControl(long stripe) {
        SpinLock.unlock(stripe);
        stripes.resume();
    }

    /** When an element of an LRU table would have to go; smaller is earlier. */
    long turn(int place) {
        return clock.turn(place);
    }

    /** How many elements are live. Stripes are counted one after the other: elements that writers move meanwhile to later ones would count twice. */
    long size() {
        return Math.min(stripes.size(), shape.capacity());
    }
}
