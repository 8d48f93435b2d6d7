package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * A lock in a u32 word off the heap, held for a few dozen instructions. The word counts: odd while it is held, and different after every
 * holder, so who takes no lock can see whether a change was completed meanwhile. Never taken in partially evaluated code: that can be left by an
 * asynchronous exception at a loop's safepoint, lock held.
 */
final class SpinLock {
    private static final int SPINS = 200;

    private SpinLock() {
    }

    static void lock(long address) {
        int spins = 0;
        while (true) {
            int count = Memory.getIntVolatile(address);
            if ((count & 1) == 0 && Memory.compareAndSetInt(address, count, count + 1)) {
                return;
            }
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                // The holder has lost its processor.
                Thread.yield();
            }
        }
    }

    static void unlock(long address) {
        Memory.putIntRelease(address, Memory.getInt(address) + 1);
    }
}
