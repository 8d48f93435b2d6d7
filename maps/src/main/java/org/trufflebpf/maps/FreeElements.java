package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Elements of a hash table that are in no chain: a stack of those that were given back, linked through the word that chains use, and how many were
 * ever taken. Any thread may call.
 *
 * @param address of two words of zero: u64 version and place on top, u32 elements ever taken
 * @param capacity elements, counted from 1
 */
record FreeElements(HashElements elements, long address, int capacity) {
    private static final int TAKEN = 8;

    /** The place of an element out of those that were given back, else of one that never was used, else 0. */
    int take() {
        while (true) {
            long top = Memory.getLongVolatile(address);
            int place = (int) top;
            if (place == 0) {
                break;
            }
            // May be another's by now and next any number: then the version has moved on.
            int next = Memory.getInt(link(place));
            if (Memory.compareAndSetLong(address, top, version(top) | Integer.toUnsignedLong(next))) {
                return place;
            }
        }
        while (true) {
            int taken = Memory.getIntVolatile(address + TAKEN);
            if (taken == capacity) {
                return 0;
            }
            if (Memory.compareAndSetInt(address + TAKEN, taken, taken + 1)) {
                return elements.place(taken + 1);
            }
        }
    }

    void give(int place) {
        while (true) {
            long top = Memory.getLongVolatile(address);
            Memory.putInt(link(place), (int) top);
            if (Memory.compareAndSetLong(address, top, version(top) | Integer.toUnsignedLong(place))) {
                return;
            }
        }
    }

    private long link(int place) {
        return elements.at(place) + HashElements.NEXT;
    }

    /** The next version of the stack's word. */
    private static long version(long top) {
        return (top >>> 32) + 1 << 32;
    }
}
