package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.Collections;
import java.util.Iterator;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_USER_RINGBUF: the control plane sends samples, a program drains them, one at a time:
 * {@link #beginDrain}, then {@link #nextSample} and {@link #releaseSample} until there is none or the callback says so, then {@link #endDrain}.
 * {@link #drain} does all of it.
 */
public final class UserRingMap extends KeylessMap {
    /** BPF_MAX_USER_RINGBUF_SAMPLES: so many samples one drain takes at most. */
    public static final int MAX_SAMPLES = 128 << 10;

    private static final long WAKEUP_FLAGS = 3;

    /** In the line pair before the ring: u32 busy, u64 address of the sample that the callback has or 0. */
    private static final int SAMPLE = 8;

    /** What a program does with a sample. */
    @FunctionalInterface
    public interface SampleCallback {
        /**
         * @param sample address, 8-byte aligned, until the callback returns
         * @param size bytes
         * @return 0 to go on, anything else to stop
         */
        long accept(long sample, int size);
    }

    private final long state;
    private final Ring ring;

    UserRingMap(Blueprint blueprint) {
        this(blueprint, new NativeBlock(memoryNeeded(blueprint.definition()), Words.SHARING));
    }

    private UserRingMap(Blueprint blueprint, NativeBlock block) {
        super(blueprint, new Storage(block, block.address(), 0, 8, 0));
        this.state = block.address();
        this.ring = new Ring(state + Words.SHARING, maxEntries(), maxEntries());
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.SHARING + Ring.memoryNeeded(definition.maxEntries());
    }

    /**
     * Appends a sample.
     *
     * @return false when there is no room now
     * @throws MapException E2BIG when the ring never has so much
     */
    public synchronized boolean send(byte[] sample) {
        checkWritable();
        if (sample.length > ring.size() - Ring.HEADER) {
            throw new MapException(name(), Errno.E2BIG, "a sample of " + sample.length + " bytes does not fit the ring of " + ring.size());
        }
        long record = ring.reserve(sample.length);
        if (record == 0) {
            return false;
        }
        Memory.copyFrom(sample, 0, record, sample.length);
        Ring.commit(record, sample.length, 0);
        return true;
    }

    /**
     * bpf_user_ringbuf_drain.
     *
     * @param flags BPF_RB_NO_WAKEUP and BPF_RB_FORCE_WAKEUP; senders do not sleep here, so neither changes anything
     * @return samples that the callback got, or what {@link #beginDrain} refused with
     */
    public long drain(SampleCallback callback, long flags) {
        long error = beginDrain(flags);
        if (error != 0) {
            return error;
        }
        try {
            int samples = 0;
            long answer = 0;
            long sample;
            while (samples < MAX_SAMPLES && answer == 0 && (sample = nextSample()) != 0) {
                answer = callback.accept(sample, sampleSize(sample));
                releaseSample(sample);
                samples++;
            }
            return samples;
        } finally {
            endDrain();
        }
    }

    /** 0, -EINVAL for unknown flags, or -EBUSY while another program drains. After 0, {@link #endDrain} must follow. */
    public long beginDrain(long flags) {
        if ((flags & ~WAKEUP_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        return Memory.compareAndSetInt(state, 0, 1) ? 0 : -Errno.EBUSY;
    }

    /** The address of the oldest sample, or 0 when there is none. */
    @TruffleBoundary
    public long nextSample() {
        long sample = ring.next();
        Memory.putLong(state + SAMPLE, sample);
        return sample;
    }

    /** In bytes, of what {@link #nextSample} gave. */
    public int sampleSize(long sample) {
        return ring.length(sample);
    }

    /** The sample that the callback has, or 0. */
    public long sample() {
        return Memory.getLong(state + SAMPLE);
    }

    /** Makes room for senders; the sample is no program's any more. */
    @TruffleBoundary
    public void releaseSample(long sample) {
        Memory.putLong(state + SAMPLE, 0);
        ring.release(sample);
    }

    public void endDrain() {
        Memory.putLong(state + SAMPLE, 0);
        Memory.putIntVolatile(state, 0);
    }

    /** Whether an address is that of the sample that is being drained. */
    public boolean isDraining(long sample) {
        return sample != 0 && Memory.getLong(state + SAMPLE) == sample;
    }

    /** Whether {@code size} bytes from an address lie in the sample that is being drained; for the callback's program. */
    public boolean ownsLive(long address, long size) {
        long sample = Memory.getLong(state + SAMPLE);
        if (sample == 0) {
            return false;
        }
        long length = ring.length(sample);
        return size >= 0 && size <= length && Long.compareUnsigned(address - sample, length - size) <= 0;
    }

    /** None: samples are for programs. */
    @Override
    public Iterator<Entry> entries() {
        return Collections.emptyIterator();
    }

    /** Bytes that are not drained yet, headers included. */
    @Override
    public synchronized long size() {
        checkOpen();
        long consumer = ring.consumerPosition();
        return ring.producerPosition() - consumer;
    }
}
