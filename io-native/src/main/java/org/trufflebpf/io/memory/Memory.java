package org.trufflebpf.io.memory;

import java.lang.reflect.Field;
import sun.misc.Unsafe;

/**
 * All raw memory access of the product. Addresses are absolute virtual addresses; multi-byte values are in native byte order
 * (little-endian: only x86-64 is supported). No method checks an address: the caller has proved or checked it.
 *
 * <p>sun.misc.Unsafe was chosen by measurement: in Graal-compiled guest code every access is one mov with folded addressing, while a
 * memory segment over all memory makes ahead-of-time compilation bail out with 'Too deep inlining'. Only this class names the
 * primitive, so it can change in one place.
 *
 * <p>Plain accesses may be reordered; the acquire, release, volatile and atomic forms order as the Java memory model says for
 * {@link java.lang.invoke.VarHandle} of the same names and need natural alignment.
 */
@SuppressWarnings({"deprecation", "removal"})
public final class Memory {
    private static final Unsafe UNSAFE = unsafe();

    private Memory() {
    }

    private static Unsafe unsafe() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public static byte getByte(long address) {
        return UNSAFE.getByte(address);
    }

    public static short getShort(long address) {
        return UNSAFE.getShort(address);
    }

    public static int getInt(long address) {
        return UNSAFE.getInt(address);
    }

    public static long getLong(long address) {
        return UNSAFE.getLong(address);
    }

    public static void putByte(long address, byte value) {
        UNSAFE.putByte(address, value);
    }

    public static void putShort(long address, short value) {
        UNSAFE.putShort(address, value);
    }

    public static void putInt(long address, int value) {
        UNSAFE.putInt(address, value);
    }

    public static void putLong(long address, long value) {
        UNSAFE.putLong(address, value);
    }

    public static int getIntAcquire(long address) {
        int value = UNSAFE.getInt(address);
        UNSAFE.loadFence();
        return value;
    }

    public static long getLongAcquire(long address) {
        long value = UNSAFE.getLong(address);
        UNSAFE.loadFence();
        return value;
    }

    public static void putIntRelease(long address, int value) {
        UNSAFE.storeFence();
        UNSAFE.putInt(address, value);
    }

    public static void putLongRelease(long address, long value) {
        UNSAFE.storeFence();
        UNSAFE.putLong(address, value);
    }

    public static int getIntVolatile(long address) {
        return UNSAFE.getIntVolatile(null, address);
    }

    public static void putIntVolatile(long address, int value) {
        UNSAFE.putIntVolatile(null, address, value);
    }

    public static long getLongVolatile(long address) {
        return UNSAFE.getLongVolatile(null, address);
    }

    public static void putLongVolatile(long address, long value) {
        UNSAFE.putLongVolatile(null, address, value);
    }

    public static boolean compareAndSetInt(long address, int expected, int value) {
        return UNSAFE.compareAndSwapInt(null, address, expected, value);
    }

    public static boolean compareAndSetLong(long address, long expected, long value) {
        return UNSAFE.compareAndSwapLong(null, address, expected, value);
    }

    /** Returns what was there, which is {@code expected} if and only if {@code value} was stored. */
    public static int compareAndExchangeInt(long address, int expected, int value) {
        // Unsafe's exchange form is not public; a failed attempt whose read shows the expected value was overtaken and starts again.
        while (true) {
            if (UNSAFE.compareAndSwapInt(null, address, expected, value)) {
                return expected;
            }
            int found = UNSAFE.getIntVolatile(null, address);
            if (found != expected) {
                return found;
            }
        }
    }

    /** As {@link #compareAndExchangeInt}. */
    public static long compareAndExchangeLong(long address, long expected, long value) {
        while (true) {
            if (UNSAFE.compareAndSwapLong(null, address, expected, value)) {
                return expected;
            }
            long found = UNSAFE.getLongVolatile(null, address);
            if (found != expected) {
                return found;
            }
        }
    }

    public static int getAndAddInt(long address, int delta) {
        return UNSAFE.getAndAddInt(null, address, delta);
    }

    public static long getAndAddLong(long address, long delta) {
        return UNSAFE.getAndAddLong(null, address, delta);
    }

    public static int getAndSetInt(long address, int value) {
        return UNSAFE.getAndSetInt(null, address, value);
    }

    public static long getAndSetLong(long address, long value) {
        return UNSAFE.getAndSetLong(null, address, value);
    }

    /** Loads before it stay before loads and stores after it. */
    public static void acquireFence() {
        UNSAFE.loadFence();
    }

    /** Loads and stores before it stay before stores after it. */
    public static void releaseFence() {
        UNSAFE.storeFence();
    }

    public static void fullFence() {
        UNSAFE.fullFence();
    }

    /** Copies {@code length} bytes; the ranges may overlap. */
    public static void copy(long source, long target, long length) {
        UNSAFE.copyMemory(source, target, length);
    }

    public static void copyFrom(byte[] source, int offset, long target, int length) {
        UNSAFE.copyMemory(source, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, target, length);
    }

    public static void copyTo(long source, byte[] target, int offset, int length) {
        UNSAFE.copyMemory(null, source, target, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, length);
    }

    /** The {@code length} bytes at {@code address}, as a new array. */
    public static byte[] bytes(long address, int length) {
        byte[] result = new byte[length];
        copyTo(address, result, 0, length);
        return result;
    }

    public static void fill(long address, long length, byte value) {
        UNSAFE.setMemory(address, length, value);
    }
}
