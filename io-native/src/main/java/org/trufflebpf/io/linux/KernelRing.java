package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;

/**
 * The consumer's end of a BPF_MAP_TYPE_RINGBUF in the kernel, whose memory is mapped as kernel/bpf/ringbuf.c (ringbuf_map_mmap_kern) lays it out: a
 * page with the consumer's position, a page with the producers' position, and the records, twice over, so that none wraps. One thread at a time.
 */
public final class KernelRing implements AutoCloseable {
    /** Of x86-64. */
    private static final long PAGE = 4096;
    private static final int HEADER = 8;
    private static final int BUSY = 1 << 31;
    private static final int DISCARDED = 1 << 30;

    private final long consumer;
    private final long producer;
    private final long size;
    private boolean closed;

    private KernelRing(long consumer, long producer, long size) {
        this.consumer = consumer;
        this.producer = producer;
        this.size = size;
    }

    /**
     * @param map may be closed before this
     * @param size the map's max_entries: bytes of the ring, a power of two
     */
    public static KernelRing open(KernelMap map, long size) throws BpfException {
        long consumer = map(map, PAGE, Libc.PROT_READ | Libc.PROT_WRITE, 0);
        try {
            return new KernelRing(consumer, map(map, PAGE + 2 * size, Libc.PROT_READ, PAGE), size);
        } catch (BpfException e) {
            Libc.munmap(consumer, PAGE);
            throw e;
        }
    }

    private static long map(KernelMap map, long length, int protection, long offset) throws BpfException {
        long address = Libc.mmap(0, length, protection, Libc.MAP_SHARED, map.fd(), offset);
        if (address < 0) {
            throw new BpfException("map the memory of a ring buffer", (int) -address, "");
        }
        return address;
    }

    /** The bytes of the oldest record that was submitted, which is gone then; null when there is none. */
    public byte[] take() {
        if (closed) {
            throw new IllegalStateException("the ring buffer is closed");
        }
        long position = Memory.getLong(consumer);
        while (position < Memory.getLongAcquire(producer)) {
            long record = producer + PAGE + (position & size - 1);
            int header = Memory.getIntAcquire(record);
            if ((header & BUSY) != 0) {
                return null;
            }
            int length = header & ~DISCARDED;
            byte[] bytes = (header & DISCARDED) != 0 ? null : Memory.bytes(record + HEADER, length);
            position += length + HEADER + 7 & -8;
            Memory.putLongRelease(consumer, position);
            if (bytes != null) {
                return bytes;
            }
        }
        return null;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.munmap(consumer, PAGE);
            Libc.munmap(producer, PAGE + 2 * size);
        }
    }
}
