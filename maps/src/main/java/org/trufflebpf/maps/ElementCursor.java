package org.trufflebpf.maps;

import org.trufflebpf.io.memory.Memory;

/**
 * Where a program is that goes over a map's elements: {@link #BYTES} bytes off the heap that the program's thread owns. The map writes them; zeros
 * are before the first element. Array elements have no key of their own in memory, so theirs is here.
 */
public final class ElementCursor {
    public static final int BYTES = 32;
    /** Offset of the key of an array's element, a u32. */
    public static final int INDEX = 0;
    /** The next chain to begin with; in arrays the next index. */
    static final int CHAIN = 8;
    /** The element at which it is, and the one that followed when it got there. */
    static final int ELEMENT = 16;
    static final int FOLLOWING = 20;

    private ElementCursor() {
    }

    /** Puts the cursor at {@code address}, a multiple of 8, before the first element. */
    public static void rewind(long address) {
        for (int offset = 0; offset < BYTES; offset += Long.BYTES) {
            Memory.putLong(address + offset, 0);
        }
    }

    /** The next index of an array, or -1 past its end; goes on to it. */
    static long nextIndex(long address, long length) {
        long index = Memory.getLong(address + CHAIN);
        if (index >= length) {
            return -1;
        }
        Memory.putLong(address + CHAIN, index + 1);
        Memory.putInt(address + INDEX, (int) index);
        return index;
    }
}
