package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_PERF_EVENT_ARRAY: a stream per CPU. As in the kernel the slots are empty (ENOENT for programs) until a consumer opens them; a CPU's
 * program can send to its own slot only. Events are exactly what was sent: perf's padding to 8 bytes is not there.
 */
public final class PerfEventMap extends BpfMap implements EventStream {
    /** BPF_F_INDEX_MASK, BPF_F_CURRENT_CPU, BPF_F_CTXLEN_MASK. */
    private static final long INDEX_MASK = 0xFFFF_FFFFL;
    private static final long CURRENT_CPU = 0xFFFF_FFFFL;
    private static final long PACKET_MASK = 0xF_FFFFL << 32;

    /** Bytes per CPU: 64 pages, the most that tools usually ask perf for. */
    private static final long STREAM = 256 << 10;
    /** Before each ring a line pair: u64 events lost, u64 of them reported with an event. */
    private static final int REPORTED = 8;

    private final long streams;
    private final AtomicReferenceArray<Ring> open;
    private final Doorbell doorbell = new Doorbell();
    private int turn;

    PerfEventMap(Blueprint blueprint) {
        this(blueprint, new NativeBlock(memoryNeeded(blueprint.definition(), blueprint.cpus()), Words.SHARING));
    }

    private PerfEventMap(Blueprint blueprint, NativeBlock block) {
        super(blueprint, new Storage(block, block.address(), 0, 8, 0));
        this.streams = block.address();
        this.open = new AtomicReferenceArray<>(streams(blueprint.definition(), cpus()));
    }

    private static int streams(MapDefinition definition, int cpus) {
        return (int) Math.min(definition.maxEntries(), cpus);
    }

    private static long streamBytes() {
        return Words.SHARING + Words.roundUp(Ring.memoryNeeded(STREAM), Words.SHARING);
    }

    static long memoryNeeded(MapDefinition definition, int cpus) {
        return streamBytes() * streams(definition, cpus);
    }

    private long counters(int cpu) {
        return streams + cpu * streamBytes();
    }

    /**
     * Gives every CPU that has a slot its stream; those that are open stay as they are. Until then programs get -ENOENT.
     */
    public synchronized void open() {
        checkWritable();
        for (int cpu = 0; cpu < open.length(); cpu++) {
            if (open.get(cpu) == null) {
                open.set(cpu, new Ring(counters(cpu) + Words.SHARING, STREAM, STREAM));
            }
        }
    }

    /**
     * bpf_perf_event_output of an XDP program, with the errors of bpf_xdp_event_output.
     *
     * @param flags BPF_F_CURRENT_CPU or an index in the low half, in bits 32 to 51 how many bytes of the packet to append
     * @param size bytes at {@code data}
     * @param packet its first byte
     * @param packetLength bytes of the packet
     * @param cpu of the calling thread alone, below {@link #cpus()}
     * @return 0, -EINVAL for unknown flags, -EFAULT for more than the packet has, -E2BIG past the slots, -ENOENT for an empty slot, -EOPNOTSUPP for
     *         another CPU's, -ENOSPC when the consumer is too far behind
     */
    @TruffleBoundary
    public long output(long flags, long data, long size, long packet, long packetLength, int cpu) {
        if ((flags & ~(PACKET_MASK | INDEX_MASK)) != 0) {
            return -Errno.EINVAL;
        }
        long appended = (flags & PACKET_MASK) >>> 32;
        if (appended > packetLength) {
            return -Errno.EFAULT;
        }
        long index = (flags & INDEX_MASK) == CURRENT_CPU ? cpu : flags & INDEX_MASK;
        if (index >= maxEntries()) {
            return -Errno.E2BIG;
        }
        Ring ring = index < open.length() ? open.get((int) index) : null;
        if (ring == null) {
            return -Errno.ENOENT;
        }
        if (index != cpu) {
            return -Errno.EOPNOTSUPP;
        }
        long counters = counters(cpu);
        long lost = Memory.getLong(counters);
        long record = Long.compareUnsigned(size, STREAM) < 0 ? ring.reserve(size + appended) : 0;
        if (record == 0) {
            Memory.putLongRelease(counters, lost + 1);
            return -Errno.ENOSPC;
        }
        Ring.fill(record, data, (int) size);
        Memory.copy(packet, record + size, appended);
        long unreported = Math.min(lost - Memory.getLong(counters + REPORTED), Integer.MAX_VALUE);
        Memory.putLong(counters + REPORTED, lost);
        Ring.commit(record, (int) (size + appended), (int) unreported);
        if (doorbell.isHeard() && ring.isNext(record)) {
            doorbell.ring();
        }
        return 0;
    }

    @Override
    public synchronized Event take() {
        checkReadable();
        for (int i = 0; i < open.length(); i++) {
            int cpu = (turn + i) % open.length();
            Ring ring = open.get(cpu);
            long record = ring == null ? 0 : ring.next();
            if (record != 0) {
                turn = cpu + 1;
                Event event = new Event(cpu, ring.extra(record), Memory.bytes(record, ring.length(record)));
                ring.release(record);
                return event;
            }
        }
        return null;
    }

    /** Events that this CPU could not send since the map was made. */
    public synchronized long lost(int cpu) {
        checkOpen();
        return cpu < open.length() ? Memory.getLongVolatile(counters(cpu)) : 0;
    }

    @Override
    public synchronized long lost() {
        long lost = 0;
        for (int cpu = 0; cpu < open.length(); cpu++) {
            lost += lost(cpu);
        }
        return lost;
    }

    private synchronized boolean ready() {
        checkReadable();
        for (int cpu = 0; cpu < open.length(); cpu++) {
            if (open.get(cpu) != null && open.get(cpu).next() != 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
        return doorbell.await(this::ready, nanos);
    }

    @Override
    public void onEvent(Runnable listener) {
        doorbell.listen(listener);
    }

    @Override
    void onClose() {
        doorbell.ring();
    }

    @Override
    byte[] read(byte[] key) {
        throw new MapException(name(), Errno.ENOTSUPP, "a map of kind " + kind() + " has events, no values");
    }

    /** No perf event has a descriptor here. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        if (updateFlags != MapFlags.ANY) {
            return -Errno.EINVAL;
        }
        return Integer.toUnsignedLong(ArrayIndex.of(key)) >= maxEntries() ? -Errno.E2BIG : -Errno.EBADF;
    }

    /** Closes a CPU's stream; {@link #open} gives it back with what was not taken. */
    @Override
    long erase(byte[] key) {
        long index = Integer.toUnsignedLong(ArrayIndex.of(key));
        if (index >= maxEntries()) {
            return -Errno.E2BIG;
        }
        return index < open.length() && open.getAndSet((int) index, null) != null ? 0 : -Errno.ENOENT;
    }

    @Override
    boolean insertable(byte[] key) {
        return false;
    }

    @Override
    boolean removable() {
        return true;
    }

    /** None: events go by {@link #take}. */
    @Override
    public Iterator<Entry> entries() {
        return Collections.emptyIterator();
    }

    /** Open streams. */
    @Override
    public synchronized long size() {
        checkOpen();
        long size = 0;
        for (int cpu = 0; cpu < open.length(); cpu++) {
            size += open.get(cpu) == null ? 0 : 1;
        }
        return size;
    }
}
