package org.trufflebpf.io.dpdk;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.port.FramePool;

/**
 * Frames for all DPDK ports of a run, so that they can travel between those: a pool of mbufs, shared by all workers.
 *
 * <p>An mbuf is a header, a private area and a buffer, into which drivers write at {@link Abi#MBUF_HEADROOM}. The frame is private area and
 * buffer together: so packets have the headroom that XDP programs expect, although drivers only know half of it.
 */
public final class FrameStore implements AutoCloseable {
    /** Bytes of a buffer's start that belong to the frame, but not to the driver's headroom. */
    static final int PRIVATE = Burst.HEADROOM - Abi.MBUF_HEADROOM;
    /**
     * Of frames for net_af_xdp, which hands the kernel the whole mbuf, and that may not be longer than a page: with 64 bytes of the pool's and
     * {@link Abi#MBUF} before them it is 63 cache lines, an odd number, as the pool makes them to use all memory channels.
     */
    static final int FRAME_WITHIN_PAGE = 63 * 64 - 64 - Abi.MBUF;
    /** Frames that a registered thread may keep for itself. */
    private static final int CACHE = 256;
    /** Packets of several mbufs that a worker has at the same time: a burst. */
    private static final int GATHERED = 64;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Eal eal;
    private final long pool;
    private final int frames;
    private final int frameSize;
    private final Set<Thread> known = ConcurrentHashMap.newKeySet();
    /** By worker. */
    private final Map<Integer, FramePool> gathered = new HashMap<>();
    private boolean closed;

    /** Frames of the usual size. @throws DpdkException if there is no memory for them, or no DPDK */
    public FrameStore(int frames) throws DpdkException {
        this(frames, Burst.DEFAULT_FRAME_SIZE);
    }

    private FrameStore(int frames, int frameSize) throws DpdkException {
        this.eal = Eal.get();
        this.frames = frames;
        this.frameSize = frameSize;
        this.pool = Eal.onMain(() -> eal.library().address("rte_pktmbuf_pool_create", "ebpf-" + NUMBER.incrementAndGet(), frames, CACHE, PRIVATE,
                frameSize - PRIVATE, Abi.ANY_SOCKET));
        if (pool == 0) {
            throw new DpdkException("DPDK has no memory for " + frames + " frames of " + (frameSize + Abi.MBUF) + " bytes: " +
                    (eal.hugePages() ? "free huge pages" : "reserve huge pages, as with 'echo 256 > /proc/sys/vm/nr_hugepages'"));
        }
    }

    /**
     * Frames for devices, as many as they may have at the same time.
     *
     * @param devices their names and arguments, as {@link Device} takes them
     * @param workers that each has queues for
     * @throws DpdkException if there is no memory for them, or no DPDK
     */
    public static FrameStore of(List<String> devices, int workers) throws DpdkException {
        boolean small = devices.stream().anyMatch(device -> device.startsWith("net_af_xdp"));
        return new FrameStore(devices.size() * workers * DpdkPort.FRAMES, small ? FRAME_WITHIN_PAGE : Burst.DEFAULT_FRAME_SIZE);
    }

    Eal eal() {
        return eal;
    }

    /** Whether they lie in huge pages. */
    public boolean hugePages() {
        return eal.hugePages();
    }

    /** Address of the struct rte_mempool. */
    long pool() {
        return pool;
    }

    /** Frames that are not with a device, a port or a worker. */
    public int available() {
        return eal.library().call("rte_mempool_avail_count", pool);
    }

    /** Frames altogether. */
    public int frames() {
        return frames;
    }

    /** Bytes of a frame, with what programs may not have at its end. */
    int frameSize() {
        return frameSize;
    }

    /**
     * For one worker's packets of several mbufs, which are gathered in frames that no device knows: they leave as copies. They can go from any port
     * of the worker to any other.
     */
    synchronized FramePool gathered(int worker) {
        return gathered.computeIfAbsent(worker, number -> new FramePool(GATHERED, true));
    }

    /**
     * Makes the calling thread known to DPDK, which then keeps some frames at hand for it: taking and giving them back costs half as much. It goes
     * without where there are too many threads.
     */
    void enter() {
        if (known.add(Thread.currentThread()) && eal.library().call("rte_thread_register") != 0) {
            known.remove(Thread.currentThread());
        }
    }

    /** The calling thread will be gone; DPDK has places for some hundred. */
    void leave() {
        if (known.remove(Thread.currentThread())) {
            eal.library().run("rte_thread_unregister");
        }
    }

    /** Frees the frames; all devices must be closed. Twice is harmless. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            eal.library().run("rte_mempool_free", pool);
            gathered.values().forEach(FramePool::close);
        }
    }
}
