package org.trufflebpf.io.dpdk;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.trufflebpf.io.libc.Downcall;

/**
 * The calls made once per burst, through pointers that drivers and pools give: 4.4 ns each from compiled Java, nothing per packet. A pointer is
 * trusted as DPDK gave it.
 */
final class BurstCalls {
    private static final FunctionDescriptor PACKETS = FunctionDescriptor.of(ValueLayout.JAVA_CHAR, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_CHAR);
    private static final MethodHandle BURST = handle(PACKETS);
    private static final MethodHandle FREE = handle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle DEQUEUE = handle(
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private BurstCalls() {
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(descriptor);
    }

    /** eth_rx_burst_t or eth_tx_burst_t: {@code count} mbufs from or into the array at {@code mbufs}; returns how many it were. */
    static int burst(MemorySegment function, long queue, long mbufs, int count) {
        try {
            return (char) BURST.invokeExact(function, queue, mbufs, (char) count);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** rte_pktmbuf_free_bulk. */
    static void free(MemorySegment function, long mbufs, int count) {
        try {
            FREE.invokeExact(function, mbufs, count);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }

    /** rte_mempool_dequeue_t: all or none; 0 if it could. */
    static int dequeue(MemorySegment function, long pool, long objects, int count) {
        try {
            return (int) DEQUEUE.invokeExact(function, pool, objects, count);
        } catch (Throwable e) {
            throw Downcall.unexpected(e);
        }
    }
}
