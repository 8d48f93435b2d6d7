package org.trufflebpf.io.loop;

import java.util.List;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.Port;

/** Whether a port has packets, as poll(2) tells for those that have a descriptor. One worker's. */
public final class Readiness implements AutoCloseable {
    /** struct pollfd: int descriptor, short wanted, short found. */
    private static final int ENTRY = 8;
    private static final short POLLIN = 1;
    private static final long SECOND = 1_000_000_000;

    private final NativeBlock block;
    private final int count;

    Readiness(List<? extends Port> ports) {
        int[] descriptors = ports.stream().mapToInt(Port::pollDescriptor).filter(descriptor -> descriptor >= 0).toArray();
        count = descriptors.length;
        block = new NativeBlock(2 * Long.BYTES + (long) ENTRY * count);
        for (int i = 0; i < count; i++) {
            long entry = block.address() + 2 * Long.BYTES + (long) ENTRY * i;
            Memory.putInt(entry, descriptors[i]);
            Memory.putShort(entry + 4, POLLIN);
        }
    }

    /** Whether any port has a descriptor. */
    boolean isKnown() {
        return count > 0;
    }

    /** Returns when a port has packets or something happened to it, or after about that much time; or earlier. */
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
