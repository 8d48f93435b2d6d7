package org.trufflebpf.io.linux;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;

/**
 * One union bpf_attr and the buffers that it points to, for one command by one thread. Field offsets are those of include/uapi/linux/bpf.h,
 * which never change; fields that are not set are zero, as the kernel demands of those that it does not know.
 */
final class Attributes implements AutoCloseable {
    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP_ELEM = 1;
    static final int MAP_UPDATE_ELEM = 2;
    static final int MAP_DELETE_ELEM = 3;
    static final int MAP_GET_NEXT_KEY = 4;
    static final int PROG_LOAD = 5;
    static final int PROG_TEST_RUN = 10;
    static final int OBJ_GET_INFO_BY_FD = 15;
    static final int BTF_LOAD = 18;
    static final int MAP_LOOKUP_AND_DELETE_ELEM = 21;
    static final int MAP_FREEZE = 22;
    static final int LINK_CREATE = 28;

    /** Larger than any command's part of the union up to Linux 6.18; the kernel takes longer ones whose rest is zero. */
    private static final int SIZE = 192;

    private final Arena arena = Arena.ofConfined();
    private final long address = buffer(SIZE);

    Attributes u32(int offset, int value) {
        Memory.putInt(address + offset, value);
        return this;
    }

    Attributes u64(int offset, long value) {
        Memory.putLong(address + offset, value);
        return this;
    }

    /** A name of at most 15 characters out of those that the kernel allows; it is only for display, so others become '_'. */
    Attributes name(int offset, String name) {
        for (int i = 0; i < Math.min(15, name.length()); i++) {
            char c = name.charAt(i);
            boolean allowed = c < 128 && Character.isLetterOrDigit(c) || c == '_' || c == '.';
            Memory.putByte(address + offset + i, (byte) (allowed ? c : '_'));
        }
        return this;
    }

    /** A zeroed buffer that lives as long as this. */
    long buffer(long size) {
        return arena.allocate(Math.max(size, 1), Long.BYTES).address();
    }

    long buffer(byte[] bytes) {
        long buffer = buffer(bytes.length);
        Memory.copyFrom(bytes, 0, buffer, bytes.length);
        return buffer;
    }

    /** The text in a buffer of {@code size} bytes, up to its first zero. */
    static String text(long buffer, int size) {
        byte[] bytes = Memory.bytes(buffer, size);
        int length = 0;
        while (length < size && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    int u32(int offset) {
        return Memory.getInt(address + offset);
    }

    /** Makes the system call: its result, or the negated errno. */
    int call(int command) {
        return Libc.bpf(command, address, SIZE);
    }

    @Override
    public void close() {
        arena.close();
    }
}
