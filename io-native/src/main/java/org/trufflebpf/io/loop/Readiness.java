package org.trufflebpf.io.loop;

import java.util.List;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.Port;

/** Whether one worker has something to do, as poll(2) tells: packets at ports that have a descriptor, or other threads ring. */
public final class Readiness implements AutoCloseable {
    /** struct pollfd: int descriptor, short wanted, short found. */
    private static final int ENTRY = 8;
    private static final short POLLIN = 1;
    private static final long SECOND = 1_000_000_000;

    private final NativeBlock block;
    private final int count;
    private final boolean hasPorts;
    private final Doorbell bell;

    /** @param bell stays its owner's */
    Readiness(List<? extends Port> ports, Doorbell bell) {
        this.bell = bell;
        int[] waited = ports.stream().mapToInt(Port::pollDescriptor).filter(descriptor -> descriptor >= 0).toArray();
        hasPorts = waited.length > 0;
        boolean rings = bell.descriptor() >= 0;
        count = waited.length + (rings ? 1 : 0);
        block = new NativeBlock(2 * Long.BYTES + (long) ENTRY * count);
        for (int i = 0; i < count; i++) {
            long entry = block.address() + 2 * Long.BYTES + (long) ENTRY * i;
            Memory.putInt(entry, i < waited.length ? waited[i] : bell.descriptor());
            Memory.putShort(entry + 4, POLLIN);
        }
    }

    /** Whether any port has a descriptor. */
    boolean hasPorts() {
        return hasPorts;
    }

    /** Whether there is anything to wait for. */
    boolean isKnown() {
        return count > 0;
    }

    /** What ends {@link #await} early. */
    public Doorbell bell() {
        return bell;
    }

    /** Returns when a port has packets, something happened to it, or the bell rings, or after about that much time; or earlier. */
    public void await(long nanoseconds) {
        Memory.putLong(block.address(), nanoseconds / SECOND);
        Memory.putLong(block.address() + Long.BYTES, nanoseconds % SECOND);
        Libc.ppoll(block.address() + 2 * Long.BYTES, count, block.address());
    }

    @Override
    public void close() {
        block.close();
    }
}
