package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * BPF_MAP_TYPE_QUEUE and BPF_MAP_TYPE_STACK: a ring behind a lock word. Values go in and out by copies, so programs hold no address of one.
 */
public final class QueueMap extends KeylessMap {
    /** Offsets in the line pair before the ring: u32 lock, u64 slot of the next push, u64 elements. */
    private static final int HEAD = 8;
    private static final int COUNT = 16;

    private final long state;
    private final long ring;
    private final boolean stack;

    QueueMap(Blueprint blueprint) {
        this(blueprint, new NativeBlock(memoryNeeded(blueprint.definition()), Words.SHARING));
    }

    private QueueMap(Blueprint blueprint, NativeBlock block) {
        super(blueprint, new Storage(block, block.address(), 0, Words.roundUp(blueprint.definition().valueSize(), 8), 0));
        this.state = block.address();
        this.ring = state + Words.SHARING;
        this.stack = kind() == MapKind.STACK;
    }

    static long memoryNeeded(MapDefinition definition) {
        return Words.roundUp(Words.SHARING + Words.roundUp(definition.valueSize(), 8) * definition.maxEntries(), Words.SHARING);
    }

    @Override
    @TruffleBoundary
    public long push(long valueAddress, long pushFlags) {
        if (pushFlags != MapFlags.ANY && pushFlags != MapFlags.EXIST) {
            return -Errno.EINVAL;
        }
        SpinLock.lock(state);
        long result = pushLocked(valueAddress, pushFlags);
        SpinLock.unlock(state);
        return result;
    }

    private long pushLocked(long value, long pushFlags) {
        long head = Memory.getLong(state + HEAD);
        long count = Memory.getLong(state + COUNT);
        if (count == maxEntries()) {
            if (pushFlags != MapFlags.EXIST) {
                return -Errno.E2BIG;
            }
        } else {
            Memory.putLong(state + COUNT, count + 1);
        }
        Words.copy(value, slot(head), valueSize());
        Memory.putLong(state + HEAD, head + 1 == maxEntries() ? 0 : head + 1);
        return 0;
    }

    /** The slot {@code back} pushes before {@code head}. */
    private long before(long head, long back) {
        return head >= back ? head - back : head - back + maxEntries();
    }

    private long slot(long index) {
        return ring + index * stride();
    }

    @Override
    @TruffleBoundary
    public long pop(long valueAddress) {
        return takeOut(valueAddress, true);
    }

    @Override
    @TruffleBoundary
    public long peek(long valueAddress) {
        return takeOut(valueAddress, false);
    }

    private long takeOut(long target, boolean remove) {
        SpinLock.lock(state);
        long head = Memory.getLong(state + HEAD);
        long count = Memory.getLong(state + COUNT);
        if (count == 0) {
            Memory.fill(target, valueSize(), (byte) 0);
        } else {
            long index = before(head, stack ? 1 : count);
            Words.copy(slot(index), target, valueSize());
            if (remove) {
                Memory.putLong(state + COUNT, count - 1);
                Memory.putLong(state + HEAD, stack ? index : head);
            }
        }
        SpinLock.unlock(state);
        return count == 0 ? -Errno.ENOENT : 0;
    }

    @Override
    long append(byte[] value, long pushFlags) {
        return push(scratch(value), pushFlags);
    }

    @Override
    byte[] take(boolean remove) {
        long address = scratch();
        return takeOut(address, remove) == 0 ? Memory.bytes(address, valueSize()) : null;
    }

    /** The elements in the order in which {@link #next} would give them, as of now; their keys are empty. */
    @Override
    public synchronized Iterator<Entry> entries() {
        checkReadable();
        List<Entry> entries = new ArrayList<>();
        SpinLock.lock(state);
        try {
            long head = Memory.getLong(state + HEAD);
            long count = Memory.getLong(state + COUNT);
            for (long i = 1; i <= count; i++) {
                entries.add(new Entry(new byte[0], Memory.bytes(slot(before(head, stack ? i : count + 1 - i)), valueSize())));
            }
        } finally {
            SpinLock.unlock(state);
        }
        return entries.iterator();
    }

    @Override
    public synchronized long size() {
        checkOpen();
        return Memory.getLongVolatile(state + COUNT);
    }
}
