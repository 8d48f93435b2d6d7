package org.trufflebpf.io.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.trufflebpf.io.libc.Libc;

/**
 * A zero-filled block of off-heap memory with one owner, who closes it. {@link #address()} stays valid and fixed until then; after
 * {@link #close()} nobody may use an address inside the block. Closing twice is harmless.
 *
 * <p>The address may be used from any thread. Blocks of {@link #MAPPED_SIZE} or more are mappings of their own that cost physical memory only
 * where they are touched and no swap reservation, so a block may be larger than the machine's memory. Where native calls are not possible
 * (another system than Linux on x86-64, or a JVM started without {@code --enable-native-access} for this module), and for smaller
 * blocks, the memory comes from the Java runtime, which touches all of it and counts it against {@code -XX:MaxDirectMemorySize}.
 */
public final class NativeBlock implements AutoCloseable {
    /** One cache line on x86-64, in bytes; what two workers write is kept two of them apart because the prefetcher fetches pairs. */
    public static final int CACHE_LINE = 64;
    /** Bytes from which on a block is a mapping of its own. */
    public static final long MAPPED_SIZE = 1 << 20;

    private static final long PAGE = 4096;

    private final Arena arena;
    private final MemorySegment segment;
    /** The segment's, which asking it for costs two dependent loads. */
    private final long address;
    private final long size;

    /**
     * @param size bytes, at least 0 (0 still gives a valid address)
     * @param alignment bytes, a power of two
     * @throws OutOfNativeMemoryException if the system has no room
     * @throws IllegalArgumentException if an argument is out of range
     */
    public NativeBlock(long size, long alignment) {
        if (size < 0 || Long.bitCount(alignment) != 1 || alignment < 0) {
            throw new IllegalArgumentException("a block of " + size + " bytes aligned to " + alignment);
        }
        this.size = size;
        this.arena = Arena.ofShared();
        try {
            this.segment = size >= MAPPED_SIZE && Libc.available() ? map(size, alignment) : arena.allocate(Math.max(size, 1), alignment);
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            arena.close();
            throw new OutOfNativeMemoryException(size, e); // the arena calls a size that overflows with its alignment an illegal argument
        } catch (OutOfNativeMemoryException e) {
            arena.close();
            throw e;
        }
        this.address = segment.address();
    }

    /** A block aligned to a cache line. */
    public NativeBlock(long size) {
        this(size, CACHE_LINE);
    }

    @SuppressWarnings("restricted")
    private MemorySegment map(long size, long alignment) {
        long slack = Math.max(0, alignment - PAGE);
        if (size > Long.MAX_VALUE - slack) {
            throw new OutOfNativeMemoryException(size, null);
        }
        long length = size + slack;
        long start = Libc.mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE, -1, 0);
        if (start < 0) {
            throw new OutOfNativeMemoryException(size, null);
        }
        MemorySegment mapping = MemorySegment.ofAddress(start).reinterpret(length, arena, unused -> Libc.munmap(start, length));
        return mapping.asSlice(-start & (alignment - 1), size);
    }

    public long address() {
        return address;
    }

    /** In bytes. */
    public long size() {
        return size;
    }

    /**
     * A view of the block for channels, big-endian as Java's buffers are. Using it after {@link #close()} throws IllegalStateException.
     *
     * @throws UnsupportedOperationException if the block is larger than a buffer can be (2 GiB)
     */
    public ByteBuffer asByteBuffer() {
        return segment.asSlice(0, size).asByteBuffer();
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
