package org.trufflebpf.io.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A zero-filled block of off-heap memory with one owner, who closes it. {@link #address()} stays valid and fixed until then; after
 * {@link #close()} nobody may use an address inside the block. Closing twice is harmless.
 *
 * <p>The address may be used from any thread. Large blocks cost physical memory only where they are touched, as the system hands out zero
 * pages on first use.
 */
public final class NativeBlock implements AutoCloseable {
    /** One cache line on x86-64, in bytes; what two workers write is kept two of them apart because the prefetcher fetches pairs. */
    public static final int CACHE_LINE = 64;

    private final Arena arena;
    private final long address;
    private final long size;

    /**
     * @param size bytes, at least 0 (0 still gives a valid address)
     * @param alignment bytes, a power of two
     * @throws OutOfMemoryError if the system has no room
     */
    public NativeBlock(long size, long alignment) {
        this.arena = Arena.ofShared();
        MemorySegment segment;
        try {
            segment = arena.allocate(Math.max(size, 1), alignment);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
        this.address = segment.address();
        this.size = size;
    }

    /** A block aligned to a cache line. */
    public NativeBlock(long size) {
        this(size, CACHE_LINE);
    }

    public long address() {
        return address;
    }

    /** In bytes. */
    public long size() {
        return size;
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
