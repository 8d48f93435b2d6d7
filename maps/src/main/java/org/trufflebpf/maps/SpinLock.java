package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * A lock in a u32 word off the heap, held for a few dozen instructions. Never taken in partially evaluated code: that can be left by an
 * asynchronous exception at a loop's safepoint, lock held.
 */
final class SpinLock {
    private static final int SPINS = 200;

    private SpinLock() {
    }

    static void lock(long address) {
        int spins = 0;
        while (!Memory.compareAndSetInt(address, 0, 1)) {
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                // The holder has lost its processor.
                Thread.yield();
            }
        }
    }

    static void unlock(long address) {
        Memory.putIntRelease(address, 0);
    }
}
