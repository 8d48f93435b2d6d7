package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.memory.Memory;

/**
 * The records that each CPU's program has reserved and not handed over, off the heap: per CPU u32 count, then pairs of u64 address and u64 size, the
 * newest last. A CPU's table is only used by the thread that has its number, so there is no order to keep.
 */
final class Reservations {
    /** Live records of one CPU; the kernel's verifier makes programs hand over what they reserve, so more than one or two are rare. */
    static final int MAX = 15;

    private static final int STRIDE = 2 * Words.SHARING;
    private static final int FIRST = 8;
    private static final int PAIR = 16;

    private final long tables;

    /** @param tables {@link #memoryNeeded} zero bytes, aligned to 128 */
    Reservations(long tables) {
        this.tables = tables;
    }

    static long memoryNeeded(int cpus) {
        return (long) STRIDE * cpus;
    }

    private long table(int cpu) {
        return tables + (long) cpu * STRIDE;
    }

    private static long pair(long table, int index) {
        return table + FIRST + (long) index * PAIR;
    }

    boolean empty(int cpu) {
        return Memory.getInt(table(cpu)) == 0;
    }

    boolean full(int cpu) {
        return Memory.getInt(table(cpu)) == MAX;
    }

    void add(int cpu, long record, int size) {
        long table = table(cpu);
        int count = Memory.getInt(table);
        Memory.putLong(pair(table, count), record);
        Memory.putLong(pair(table, count) + 8, size);
        Memory.putInt(table, count + 1);
    }

    /** The newest. */
    long last(int cpu) {
        long table = table(cpu);
        return Memory.getLong(pair(table, Memory.getInt(table) - 1));
    }

    /** The record's size, or -1 when it is not there. */
    int remove(int cpu, long record) {
        long table = table(cpu);
        int last = Memory.getInt(table) - 1;
        long pair = pair(table, last);
        if (last < 0 || Memory.getLong(pair) != record) {
            return removeOlder(table, last, record);
        }
        Memory.putInt(table, last);
        return (int) Memory.getLong(pair + 8);
    }

    @TruffleBoundary
    private static int removeOlder(long table, int last, long record) {
        for (int i = last - 1; i >= 0; i--) {
            if (Memory.getLong(pair(table, i)) == record) {
                int size = (int) Memory.getLong(pair(table, i) + 8);
                Memory.copy(pair(table, i + 1), pair(table, i), (long) (last - i) * PAIR);
                Memory.putInt(table, last);
                return size;
            }
        }
        return -1;
    }

    boolean contain(int cpu, long address, long size) {
        long table = table(cpu);
        int last = Memory.getInt(table) - 1;
        return last >= 0 && (contains(pair(table, last), address, size) || last > 0 && olderContain(table, last, address, size));
    }

    @TruffleBoundary
    private static boolean olderContain(long table, int last, long address, long size) {
        for (int i = last - 1; i >= 0; i--) {
            if (contains(pair(table, i), address, size)) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(long pair, long address, long size) {
        long length = Memory.getLong(pair + 8);
        return size >= 0 && size <= length && Long.compareUnsigned(address - Memory.getLong(pair), length - size) <= 0;
    }
}
