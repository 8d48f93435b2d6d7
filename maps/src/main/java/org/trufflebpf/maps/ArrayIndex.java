package org.trufflebpf.maps;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Keys of the array kinds: an unsigned 32-bit index, little-endian. Numbers of maps, programs and sockets as values look the same. */
public final class ArrayIndex {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private ArrayIndex() {
    }

    static int of(byte[] key) {
        return of(key, 0);
    }

    static int of(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    /** Two of them as one word, the first in its low half. */
    static long word(byte[] bytes) {
        return (long) of(bytes, 4) << 32 | Integer.toUnsignedLong(of(bytes, 0));
    }

    /** The four bytes of an index or number, of which the lower 32 bits count. */
    public static byte[] key(long index) {
        byte[] key = new byte[4];
        INT.set(key, 0, (int) index);
        return key;
    }

    /** What an update of an element that always exists gives, in the order of the kernel's functions for them. */
    static long updateError(boolean inRange, long updateFlags) {
        if (Long.compareUnsigned(updateFlags, MapFlags.EXIST) > 0) {
            return -Errno.EINVAL;
        }
        if (!inRange) {
            return -Errno.E2BIG;
        }
        return updateFlags == MapFlags.NOEXIST ? -Errno.EEXIST : 0;
    }

    /** What an update by a program gives: the helper looks for the lock in the value last. */
    static long updateError(boolean inRange, long updateFlags, boolean hasLock) {
        long error = updateError(inRange, updateFlags & ~MapFlags.LOCK);
        return error == 0 && (updateFlags & MapFlags.LOCK) != 0 && !hasLock ? -Errno.EINVAL : error;
    }

    /** The entries in order of their index, without those that {@link BpfMap#get} does not find. */
    static Iterator<BpfMap.Entry> entries(BpfMap map) {
        return new Iterator<>() {
            private long index;
            private BpfMap.Entry next;

            @Override
            public boolean hasNext() {
                while (next == null && index < map.maxEntries()) {
                    byte[] key = key(index++);
                    byte[] value = map.get(key);
                    next = value == null ? null : new BpfMap.Entry(key, value);
                }
                return next != null;
            }

            @Override
            public BpfMap.Entry next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                BpfMap.Entry result = next;
                next = null;
                return result;
            }
        };
    }
}
