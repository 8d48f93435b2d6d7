package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Keys and values as 8-byte words. */
final class Words {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Bytes up to which a copy of constant size becomes straight-line code in the program; longer ones are a call. */
    private static final int UNROLLED = 128;

    /** Bytes that what two workers write is kept apart: two cache lines, because the prefetcher fetches pairs. */
    static final int SHARING = 2 * NativeBlock.CACHE_LINE;

    private Words() {
    }

    static long roundUp(long size, long unit) {
        return (size + unit - 1) / unit * unit;
    }

    /**
     * Bytes from one CPU's array of {@code elements} to the next one's: a multiple of the stride, and far enough that two CPUs never share a pair
     * of cache lines.
     */
    static long apart(long elements, long stride) {
        long area = stride * elements;
        return SHARING % stride == 0 ? roundUp(area, SHARING) : area + roundUp(SHARING, stride);
    }

    /** How many words {@code size} bytes take. */
    static int count(int size) {
        return (int) ((size + 7L) >>> 3);
    }

    /**
     * Word {@code index} of a key, in little-endian order; the bytes past the key's end count as zero and are not read.
     */
    static long ofKey(long key, int index, int keySize) {
        int offset = index << 3;
        int left = keySize - offset;
        if (left >= 8) {
            return Memory.getLong(key + offset);
        }
        if (keySize >= 8) {
            return Memory.getLong(key + keySize - 8) >>> (64 - (left << 3));
        }
        if (left >= 4) {
            long low = Integer.toUnsignedLong(Memory.getInt(key));
            return left == 4 ? low : low | Integer.toUnsignedLong(Memory.getInt(key + left - 4) >>> (64 - (left << 3))) << 32;
        }
        long low = Byte.toUnsignedLong(Memory.getByte(key));
        return left == 1 ? low : low | Short.toUnsignedLong(Memory.getShort(key + left - 2)) << ((left - 2) << 3);
    }

    /** The bits of a key's last word that belong to the key. */
    static long lastMask(int keySize) {
        return -1L >>> (-keySize << 3 & 63);
    }

    /**
     * Copies {@code size} bytes to an 8-byte aligned target whose full words nobody ever sees half-written (copyMemory does not promise that).
     * Straight-line code where the size is a constant of the compilation.
     */
    static void copy(long source, long target, int size) {
        if (size <= UNROLLED && CompilerDirectives.isPartialEvaluationConstant(size)) {
            copyWords(source, target, size);
        } else {
            copyBulk(source, target, size);
        }
    }

    @ExplodeLoop
    private static void copyWords(long source, long target, int size) {
        int done = 0;
        for (; done + 8 <= size; done += 8) {
            Memory.putLong(target + done, Memory.getLong(source + done));
        }
        if ((size & 4) != 0) {
            Memory.putInt(target + done, Memory.getInt(source + done));
            done += 4;
        }
        if ((size & 2) != 0) {
            Memory.putShort(target + done, Memory.getShort(source + done));
            done += 2;
        }
        if ((size & 1) != 0) {
            Memory.putByte(target + done, Memory.getByte(source + done));
        }
    }

    /** The same where the size is no constant; without a loop up to four words, which is what most values have. */
    static void copyShort(long source, long target, int size) {
        if ((size & 7) != 0 || size > 32) {
            copyWords(source, target, size);
            return;
        }
        Memory.putLong(target, Memory.getLong(source));
        if (size > 8) {
            Memory.putLong(target + 8, Memory.getLong(source + 8));
        }
        if (size > 16) {
            Memory.putLong(target + 16, Memory.getLong(source + 16));
        }
        if (size > 24) {
            Memory.putLong(target + 24, Memory.getLong(source + 24));
        }
    }

    /** Zeroes the words of an 8-byte aligned value; pages that nobody touched stay so. */
    static void clear(long target, int size) {
        for (int done = 0; done < size; done += 8) {
            if (Memory.getLong(target + done) != 0) {
                Memory.putLong(target + done, 0);
            }
        }
    }

    @TruffleBoundary
    private static void copyBulk(long source, long target, int size) {
        copyWords(source, target, size);
    }

    /** The same from an array; for the control plane. */
    static void copy(byte[] source, int offset, long target, int size) {
        int done = 0;
        for (; done + 8 <= size; done += 8) {
            Memory.putLong(target + done, (long) LONG.get(source, offset + done));
        }
        for (; done < size; done++) {
            Memory.putByte(target + done, source[offset + done]);
        }
    }
}
