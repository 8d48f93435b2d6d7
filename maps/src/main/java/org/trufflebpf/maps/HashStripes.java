package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Parts of a hash table's chains, each with a lock, the place of a spare element, and how many elements it has: a pair of cache lines of u32 lock,
 * u32 spare, u32 count. The lock counts changes, which tells who reads without it.
 */
final class HashStripes {
    private static final int SPARE = 4;
    private static final int COUNT = 8;

    private final long address;
    private final int mask;
    /** Of programs' threads: whether they need the locks. */
    private final WriterBias bias = new WriterBias();
    private final boolean biased;

    /** @param address of zeros */
    HashStripes(HashShape shape, HashElements elements, long address) {
        this.address = address;
        this.mask = shape.stripes() - 1;
        // Locks and timers in values are things to wait for.
        this.biased = !shape.fields().any();
        for (int number = 0; number <= mask; number++) {
            setSpare(at(number), elements.place(shape.capacity() + 1L + number));
        }
    }

    private long at(int number) {
        return address + (long) number * Words.SHARING;
    }

    /** The address of the stripe that a hash or signature belongs to. */
    long of(long hash) {
        return at((int) (hash >>> HashElements.STATE_BITS) & mask);
    }

    /** Differs from what it was when a change was begun or completed since. */
    static int changes(long stripe) {
        return Memory.getIntAcquire(stripe);
    }

    /** Whether the calling thread, which runs a program, has the whole table for itself until {@link #leave}, but for readers. */
    boolean enter() {
        return biased && bias.enter();
    }

    void leave() {
        bias.leave();
    }

    /** Before a program's thread calls {@link #lock}, which may find it alone then. */
    void claim() {
        bias.claim();
    }

    /** @return whether no lock was needed; readers see a change either way */
    boolean lock(long stripe) {
        boolean alone = enter();
        if (alone) {
            Memory.putInt(stripe, Memory.getInt(stripe) + 1);
        } else {
            SpinLock.lock(stripe);
        }
        return alone;
    }

    /** @param alone what {@link #lock} said */
    void unlock(long stripe, boolean alone) {
        SpinLock.unlock(stripe);
        if (alone) {
            leave();
        }
    }

    /** Until {@link #resume} the control plane changes or reads the table: all use the locks. */
    void suspend() {
        bias.suspend();
    }

    void resume() {
        bias.resume();
    }

    // Under the lock.

    int spare(long stripe) {
        return Memory.getInt(stripe + SPARE);
    }

    void setSpare(long stripe, int place) {
        Memory.putInt(stripe + SPARE, place);
    }

    /** @param change 1 for an element more, -1 for one less */
    void count(long stripe, int change) {
        Memory.putInt(stripe + COUNT, Memory.getInt(stripe + COUNT) + change);
    }

    /** How many elements all stripes have. */
    long size() {
        long size = 0;
        for (int number = 0; number <= mask; number++) {
            size += Memory.getIntVolatile(at(number) + COUNT);
        }
        return size;
    }
}
