package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Records of one size that writers take and give back under their lock, while readers without a lock may still be in them. A record is reused as
 * late as can be: first given, first taken. The change count moves on before anything is written to a record that was given back, so a reader
 * that finds it unchanged has seen none of that.
 */
final class Pool {
    private final long links;
    private final long stride;
    private final int capacity;
    private final int reserve;
    private final long changes;
    private int taken;
    private int first;
    private int last;
    private int free;

    /**
     * @param links where record 0 would have the u32 that links it while it is free; records count from 1
     * @param stride bytes from one record to the next
     * @param reserve how many free records wait before one of them is reused, as long as there are others
     * @param changes address of the u32 change count
     */
    Pool(long links, long stride, int capacity, int reserve, long changes) {
        this.links = links;
        this.stride = stride;
        this.capacity = capacity;
        this.reserve = reserve;
        this.changes = changes;
    }

    /** A record or 0. */
    int take() {
        if (taken < capacity && free <= reserve) {
            return ++taken;
        }
        if (free == 0) {
            return 0;
        }
        int index = first;
        first = Memory.getInt(link(index));
        free--;
        return index;
    }

    /** A record that no reader can reach who begins now. */
    void give(int index) {
        Memory.putIntVolatile(changes, Memory.getInt(changes) + 1);
        if (free == 0) {
            first = index;
        } else {
            Memory.putInt(link(last), index);
        }
        last = index;
        free++;
    }

    /** Records in use. */
    int used() {
        return taken - free;
    }

    private long link(int index) {
        return links + Integer.toUnsignedLong(index) * stride;
    }
}
