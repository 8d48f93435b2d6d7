package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** bpf(2), so that maps can be compared with the kernel's. Results are as the kernel's: negative errors. */
final class Kernel {
    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP_ELEM = 1;
    static final int MAP_UPDATE_ELEM = 2;
    static final int MAP_DELETE_ELEM = 3;
    static final int MAP_GET_NEXT_KEY = 4;
    static final int MAP_LOOKUP_AND_DELETE_ELEM = 21;
    static final int MAP_FREEZE = 22;

    private static final int ATTRIBUTES = 128;
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = handle("syscall",
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle SYSCALL6 = handle("syscall", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG));

    private Kernel() {
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    /** Skips the test where this process may not make maps. */
    static void assumeThere() {
        long map = create(new MapDefinition("probe", MapKind.HASH, 4, 4, 1, 0));
        assumeTrue(map >= 0, "skipped: the kernel gives this process no maps: " + Errno.name((int) -map));
        close(map);
    }

    /** As /sys says: what a value of a per-CPU map is a multiple of. */
    static int possibleCpus() {
        try {
            String[] range = Files.readString(Path.of("/sys/devices/system/cpu/possible")).strip().split("-");
            return Integer.parseInt(range[range.length - 1]) + 1;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static long create(MapDefinition map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            attributes.set(ValueLayout.JAVA_INT, 0, map.kind().number());
            attributes.set(ValueLayout.JAVA_INT, 4, map.keySize());
            attributes.set(ValueLayout.JAVA_INT, 8, map.valueSize());
            attributes.set(ValueLayout.JAVA_INT, 12, (int) map.maxEntries());
            attributes.set(ValueLayout.JAVA_INT, 16, map.flags());
            attributes.set(ValueLayout.JAVA_LONG, 64, map.extra());
            return call(arena, 321, MAP_CREATE, attributes);
        }
    }

    /** @param key null for a null pointer, as queues want */
    static long element(int command, long map, byte[] key, byte[] value, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            MemorySegment values = value == null ? MemorySegment.NULL : arena.allocate(value.length, 8).copyFrom(MemorySegment.ofArray(value));
            attributes.set(ValueLayout.JAVA_INT, 0, (int) map);
            attributes.set(ValueLayout.JAVA_LONG, 8,
                    key == null ? 0 : arena.allocate(key.length, 8).copyFrom(MemorySegment.ofArray(key)).address());
            attributes.set(ValueLayout.JAVA_LONG, 16, values.address());
            attributes.set(ValueLayout.JAVA_LONG, 24, flags);
            long result = call(arena, 321, command, attributes);
            if (value != null) {
                MemorySegment.copy(values, ValueLayout.JAVA_BYTE, 0, value, 0, value.length);
            }
            return result;
        }
    }

    /** Any system call of six arguments. */
    static long call(long number, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = (long) SYSCALL6.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
        } catch (Throwable e1) {
            throw new AssertionError(e1);
        }
    }

    /** mmap(2) of a descriptor, shared; PROT_READ 1, PROT_WRITE 2. */
    static long map(long descriptor, long offset, long length, int protection) {
        return call(9, 0, length, protection, 1, descriptor, offset);
    }

    static void unmap(long address, long length) {
        call(11, address, length, 0, 0, 0, 0);
    }

    static void close(long descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, 3, descriptor, MemorySegment.NULL);
        }
    }

    private static long call(Arena arena, long number, long first, MemorySegment attributes) {
        MemorySegment state = arena.allocate(STATE);
        try {
            long result = (long) SYSCALL.invokeExact(state, number, first, attributes, (long) ATTRIBUTES);
            return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
