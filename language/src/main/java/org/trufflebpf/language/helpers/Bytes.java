package org.trufflebpf.language.helpers;

import org.trufflebpf.io.memory.Memory;

/** Short block operations as loops that compiled code keeps inline; a call of the host's copy costs more below some 100 bytes. */
public final class Bytes {
    private Bytes() {
    }

    /** The ranges must not overlap. */
    static void copy(long source, long target, long length) {
        long i = 0;
        for (; i <= length - 8; i += 8) {
            Memory.putLong(target + i, Memory.getLong(source + i));
        }
        for (; i < length; i++) {
            Memory.putByte(target + i, Memory.getByte(source + i));
        }
    }

    /** The ranges may overlap. */
    public static void move(long source, long target, long length) {
        // From below on, eight bytes at a time, what is not read yet is never overwritten unless the target begins inside the source.
        if (Long.compareUnsigned(target - source, length) >= 0) {
            copy(source, target, length);
        } else {
            moveUp(source, target, length);
        }
    }

    public static void fill(long address, byte value, long length) {
        for (long i = 0; i < length; i++) {
            Memory.putByte(address + i, value);
        }
    }

    /** The target is below the source or the same. */
    static void moveDown(long source, long target, long length) {
        for (long i = 0; i < length; i++) {
            Memory.putByte(target + i, Memory.getByte(source + i));
        }
    }

    /** The target is above the source or the same. */
    static void moveUp(long source, long target, long length) {
        for (long i = length - 1; i >= 0; i--) {
            Memory.putByte(target + i, Memory.getByte(source + i));
        }
    }

    static void zero(long address, long length) {
        long i = 0;
        for (; i <= length - 8; i += 8) {
            Memory.putLong(address + i, 0);
        }
        for (; i < length; i++) {
            Memory.putByte(address + i, (byte) 0);
        }
    }
}
