package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Elements of a {@link HashTable} that are in no chain: a stack of those that were given back, linked through a word of theirs, and how many were
 * ever taken. Any thread may call.
 *
 * @param address of two words of zero: u64 version and element on top, u32 elements ever taken
 * @param links where element 0 would have its link
 * @param stride bytes from one element to the next
 * @param capacity elements, counted from 1
 */
record FreeElements(long address, long links, long stride, int capacity) {
    private static final int TAKEN = 8;

    /** An element out of those that were given back, else one that never was used, else 0. */
    int take() {
        while (true) {
            long top = Memory.getLongVolatile(address);
            int index = (int) top;
            if (index == 0) {
                break;
            }
            // May be another's by now and next any number: then the version has moved on.
            int next = Memory.getInt(link(index));
            if (Memory.compareAndSetLong(address, top, version(top) | Integer.toUnsignedLong(next))) {
                return index;
            }
        }
        while (true) {
            int taken = Memory.getIntVolatile(address + TAKEN);
            if (taken == capacity) {
                return 0;
            }
            if (Memory.compareAndSetInt(address + TAKEN, taken, taken + 1)) {
                return taken + 1;
            }
        }
    }

    void give(int index) {
        while (true) {
            long top = Memory.getLongVolatile(address);
            Memory.putInt(link(index), (int) top);
            if (Memory.compareAndSetLong(address, top, version(top) | Integer.toUnsignedLong(index))) {
                return;
            }
        }
    }

    private long link(int index) {
        return links + Integer.toUnsignedLong(index) * stride;
    }

    /** The next version of the stack's word. */
    private static long version(long top) {
        return (top >>> 32) + 1 << 32;
    }
}
