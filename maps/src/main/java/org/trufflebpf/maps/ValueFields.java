package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.Arrays;
import org.trufflebpf.io.memory.Memory;

/**
 * What lies in the values of a map that is not the program's data: a struct bpf_spin_lock, an int that is 1 while a program holds it, and a struct
 * bpf_timer. Values are copied around them (the kernel's copy_map_value), and with BPF_F_LOCK under the lock. Of a timer nothing is kept there: who
 * runs timers knows them by their address ({@link References#timerGone}).
 *
 * @param lock offset of the lock in the value, in bytes; {@link #ABSENT} for none
 * @param timer offset of the timer in the value, in bytes; {@link #ABSENT} for none
 */
public record ValueFields(int lock, int timer) {
    public static final int ABSENT = -1;
    public static final ValueFields NONE = new ValueFields(ABSENT, ABSENT);
    public static final int LOCK_BYTES = 4;
    public static final int TIMER_BYTES = 16;

    /** Some milliseconds: nobody holds a lock for longer, but a program can have written over it. */
    private static final int MAX_TRIES = 1 << 20;

    public boolean hasLock() {
        return lock >= 0;
    }

    public boolean hasTimer() {
        return timer >= 0;
    }

    boolean any() {
        return hasLock() || hasTimer();
    }

    /**
     * Updates a value in place.
     *
     * @param locked whether to hold the lock meanwhile
     * @return 0, or -EBUSY for a lock that nobody frees
     */
    @TruffleBoundary
    long update(long source, long target, int size, boolean locked) {
        if (locked && !acquire(target + lock)) {
            return -Errno.EBUSY;
        }
        copyAround(source, target, size);
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

    private void copyAround(long source, long target, int size) {
        boolean lockFirst = hasLock() && (!hasTimer() || lock < timer);
        int first = lockFirst ? lock : timer;
        int afterFirst = first + (lockFirst ? LOCK_BYTES : TIMER_BYTES);
        copy(source, target, 0, first);
        if (hasLock() && hasTimer()) {
            int second = lockFirst ? timer : lock;
            copy(source, target, afterFirst, second);
            copy(source, target, second + (lockFirst ? TIMER_BYTES : LOCK_BYTES), size);
        } else {
            copy(source, target, afterFirst, size);
        }
    }

    /** What stands beside a lock in its word is copied as an int where it is one, all other words whole. */
    private static void copy(long source, long target, int from, int to) {
        int at = from;
        if ((at & 4) != 0 && at + 4 <= to) {
            Memory.putInt(target + at, Memory.getInt(source + at));
            at += 4;
        }
        int words = Math.max(0, to - at & ~7);
        Words.copy(source + at, target + at, words);
        at += words;
        if (at + 4 <= to) {
            Memory.putInt(target + at, Memory.getInt(source + at));
            at += 4;
        }
        for (; at < to; at++) {
            Memory.putByte(target + at, Memory.getByte(source + at));
        }
    }

    /** A free lock and no timer, in a value that nobody else knows. */
    void clear(long value) {
        if (hasLock()) {
            Memory.putInt(value + lock, 0);
        }
        if (hasTimer()) {
            Words.clear(value + timer, TIMER_BYTES);
        }
    }

    /** What the control plane gets to see of them. */
    void clear(byte[] value) {
        if (hasLock()) {
            Arrays.fill(value, lock, lock + LOCK_BYTES, (byte) 0);
        }
        if (hasTimer()) {
            Arrays.fill(value, timer, timer + TIMER_BYTES, (byte) 0);
        }
    }
}
