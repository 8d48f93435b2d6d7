package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Which element of a full {@link HashTable} has to go: a hand goes round the elements and takes the first one that nobody looked up since it last
 * passed. New elements start unmarked, just behind the hand, so one that is never asked for again leaves after a round; on Zipf traffic that hits
 * as often as an exact list and costs a lookup one test. All threads share the hand.
 *
 * @param hand address of a u32, zero at first
 * @param elements elements of the table, counted from 1
 */
record Clock(HashTable table, long hand, long elements) {
    /** Marked elements that the hand passes before it takes one nevertheless: a packet must not wait for a round. */
    private static final int MAX_PASSED = 128;

    /** Elements in the hands of other threads can be met again and again. */
    private static final int MIN_STEPS = 4096;

    /** How many elements lie between the first one and the one that the hand meets next. */
    long position() {
        return Integer.toUnsignedLong(Memory.getIntVolatile(hand)) % elements;
    }

    /** An element that is in no chain any more, or 0 when all are in other threads' hands. */
    int evict() {
        int passed = 0;
        for (long step = Math.max(MIN_STEPS, 4 * elements); step > 0; step--) {
            int index = 1 + (int) (Integer.toUnsignedLong(Memory.getAndAddInt(hand, 1)) % elements);
            if (table.isLive(index) && (!table.unmark(index) || ++passed > MAX_PASSED) && table.unlink(index)) {
                return index;
            }
        }
        return 0;
    }
}
