package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;

/**
 * The struct bpf_spin_lock in the values of a map, an int that is 1 while a program holds it. Values are copied around it (the kernel's
 * copy_map_value), and with BPF_F_LOCK under it.
 */
final class ValueLock {
    static final int BYTES = 4;

    /** Some milliseconds: nobody holds a lock for longer, but a program can have written over it. */
    private static final int MAX_TRIES = 1 << 20;

    private ValueLock() {
    }

    /**
     * Updates a value in place.
     *
     * @param lock the lock's offset in the value
     * @param locked whether to hold the lock meanwhile
     * @return 0, or -EBUSY for a lock that nobody frees
     */
    @TruffleBoundary
    static long update(long source, long target, int size, int lock, boolean locked) {
        if (locked && !acquire(target + lock)) {
            return -Errno.EBUSY;
        }
        copyAround(source, target, size, lock);
        if (locked) {
            Memory.putIntRelease(target + lock, 0);
        }
        return 0;
    }

    private static boolean acquire(long address) {
        for (int i = 0; i < MAX_TRIES; i++) {
            if (Memory.compareAndSetInt(address, 0, 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    /** The other half of the lock's word is copied as an int, all other words whole. */
    private static void copyAround(long source, long target, int size, int lock) {
        int word = lock & ~7;
        int other = lock ^ 4;
        int next = word + 8;
        Words.copy(source, target, word);
        if (other + 4 <= size) {
            Memory.putInt(target + other, Memory.getInt(source + other));
        } else {
            for (int at = other; at < size; at++) {
                Memory.putByte(target + at, Memory.getByte(source + at));
            }
        }
        if (next < size) {
            Words.copy(source + next, target + next, size - next);
        }
    }

    /** Frees the lock in a value that nobody else knows. */
    static void clear(long value, int lock) {
        Memory.putInt(value + lock, 0);
    }

    /** What the control plane gets to see of it. */
    static void clear(byte[] value, int lock) {
        for (int i = 0; i < BYTES; i++) {
            value[lock + i] = 0;
        }
    }
}
