package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Which element of a full {@link HashTable} has to go: a hand goes round the elements and takes the first one that nobody looked up since it last
 * passed. New elements start unmarked, just behind the hand, so one that is never asked for again leaves after a round; on Zipf traffic that hits
 * as often as an exact list and costs a lookup nothing. All threads share the hand.
 *
 * @param hand address of a u32, zero at first
 * @param count elements of the table, counted from 1
 */
record Clock(HashTable table, HashElements elements, long hand, long count) {
    /** Marked elements that the hand passes before it takes one nevertheless: a packet must not wait for a round. */
    private static final int MAX_PASSED = 128;

    /** Elements in the hands of other threads can be met again and again. */
    private static final int MIN_STEPS = 4096;

    /** The place of an element that is in no chain any more, or 0 when all are in other threads' hands. */
    int evict() {
        int passed = 0;
        for (long step = Math.max(MIN_STEPS, 4 * count); step > 0; step--) {
            int place = elements.place(1 + Integer.toUnsignedLong(Memory.getAndAddInt(hand, 1)) % count);
            long element = elements.at(place);
            if (elements.isLive(element) && (!elements.unmark(element) || ++passed > MAX_PASSED) && table.unlink(place)) {
                return place;
            }
        }
        return 0;
    }

    /**
     * When an element would have to go: those that nobody looked up come first, as the hand will meet them, then the others. Smaller is earlier.
     */
    long turn(int place) {
        long position = Integer.toUnsignedLong(Memory.getIntVolatile(hand)) % count;
        long distance = Math.floorMod(elements.index(place) - 1 - position, count);
        return elements.isMarked(elements.at(place)) ? count + distance : distance;
    }
}
