package org.trufflebpf.io.dpdk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.port.FramePool;
import org.trufflebpf.io.port.Port;

/**
 * One worker's queues of a device. Packets stay where the driver put them: mbufs are read and written in place, freed in bulk and sent in bulk, at
 * {@link #flush}. Those of several mbufs are gathered for programs that know packets of several buffers, otherwise missed. Checksums are left to the
 * program, as all offloads are off.
 */
public final class DpdkPort implements Port {
    /** Frames that one queue may have lent, waiting and on their way, with some to spare. */
    public static final int FRAMES = 2 * Device.DESCRIPTORS + 2048;

    /** Frames taken from the pool at a time, for copies. */
    private static final int SUPPLY = 32;
    /** Calls without progress after which what a full ring does not take is lost; waiting longer would lose packets at the other end. */
    private static final int ATTEMPTS = 4;
    /** Between two looks at the device. */
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    private final Device device;
    private final FrameStore frames;
    private final int ifindex;
    private final int queue;
    private final boolean receives;
    private final int capacity;
    private final int frameSize;
    /** System.nanoTime plus this is the time since 1970. */
    private final long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();
    /** Null where no packets of several buffers are wanted. */
    private final FramePool gathered;
    private final NativeBlock arrays;
    private final long received;
    private final long freed;
    private final long sending;
    private final long supply;
    private int freedCount;
    private int sendingCount;
    private int supplyCount;
    private long nextTick = System.nanoTime();

    private final MemorySegment free;
    private final MemorySegment dequeue;
    private MemorySegment rxBurst;
    private MemorySegment txBurst;
    private long rxQueue;
    private long txQueue;
    private boolean closed;

    /** Packets of several segments, or longer than a frame's room. */
    private volatile long tooLong;
    /** What the device's ring did not take in the end. */
    private volatile long refused;
    private volatile long refusedBytes;
    /** Packets to be copied that no frame holds, or when none was free. */
    private volatile long tooLongToSend;
    private volatile long withoutFrame;

    /**
     * @param queue of the device, one per worker from 0; the one of queue 0 owns the device and closes it
     * @param burst most packets that the caller asks for at once
     */
    public DpdkPort(int ifindex, Device device, int queue, int burst) {
        this.device = device;
        this.frames = device.frames();
        this.ifindex = ifindex;
        this.queue = queue;
        this.receives = queue < device.rxQueues();
        this.capacity = burst;
        this.frameSize = frames.frameSize();
        this.gathered = device.handlesFragments() ? frames.gathered(queue) : null;
        this.arrays = new NativeBlock((3L * burst + 2 * SUPPLY) * Long.BYTES);
        this.received = arrays.address();
        this.freed = received + (long) burst * Long.BYTES;
        this.sending = freed + (long) burst * Long.BYTES;
        this.supply = sending + (long) burst * Long.BYTES;
        Library library = frames.eal().library();
        this.free = MemorySegment.ofAddress(library.data("rte_pktmbuf_free_bulk"));
        int operations = Memory.getInt(frames.pool() + Abi.MEMPOOL_OPS_INDEX);
        this.dequeue = MemorySegment.ofAddress(Memory.getLong(library.data("rte_mempool_ops_table") + Abi.MEMPOOL_OPS_TABLE +
                (long) operations * Abi.MEMPOOL_OPS + Abi.MEMPOOL_OPS_DEQUEUE));
    }

    @Override
    public int ifindex() {
        return ifindex;
    }

    @Override
    public int rxQueue() {
        return queue;
    }

    @Override
    public Object memory() {
        return frames;
    }

    @Override
    public void start() throws DpdkException {
        frames.enter();
        device.start(queue);
        long path = device.fastPath();
        rxBurst = MemorySegment.ofAddress(Memory.getLong(path + Abi.FP_RX_BURST));
        txBurst = MemorySegment.ofAddress(Memory.getLong(path + Abi.FP_TX_BURST));
        rxQueue = receives ? Memory.getLong(Memory.getLong(path + Abi.FP_RX_QUEUES) + (long) queue * Long.BYTES) : 0;
        txQueue = Memory.getLong(Memory.getLong(path + Abi.FP_TX_QUEUES) + (long) queue * Long.BYTES);
    }

    @Override
    public int receive(Burst burst, int limit) {
        if (!receives) {
            return END;
        }
        int count = BurstCalls.burst(rxBurst, rxQueue, received, Math.min(limit, capacity));
        long now = System.nanoTime();
        if (queue == 0 && now - nextTick > 0) {
            nextTick = now + TICK;
            device.look();
        }
        int good = 0;
        for (int i = 0; i < count; i++) {
            long mbuf = Memory.getLong(received + (long) i * Long.BYTES);
            int length = Memory.getInt(mbuf + Abi.MBUF_PKT_LEN);
            int offset = FrameStore.PRIVATE + (Memory.getShort(mbuf + Abi.MBUF_DATA_OFF) & 0xffff);
            if (Memory.getShort(mbuf + Abi.MBUF_NB_SEGS) != 1 || offset + length > frameSize - Burst.TAIL_RESERVE) {
                good += gather(burst, good, mbuf, length, epoch + now) ? 1 : 0;
                free(mbuf);
            } else {
                burst.setPacket(good++, mbuf + Abi.MBUF, frameSize, offset, length, epoch + now);
            }
        }
        return good;
    }

    /** Receives a copy of a packet that no frame of a device holds as programs want it; false if it is missed. */
    private boolean gather(Burst burst, int index, long first, int length, long time) {
        if (gathered == null || length > gathered.longest() || gathered.available() == 0) {
            tooLong++;
            return false;
        }
        long frame = gathered.take();
        long place = frame + Burst.HEADROOM;
        int rest = length;
        for (long mbuf = first; mbuf != 0 && rest > 0; mbuf = Memory.getLong(mbuf + Abi.MBUF_NEXT)) {
            int part = Math.min(rest, Memory.getShort(mbuf + Abi.MBUF_DATA_LEN) & 0xffff);
            Memory.copy(Memory.getLong(mbuf + Abi.MBUF_BUF_ADDR) + (Memory.getShort(mbuf + Abi.MBUF_DATA_OFF) & 0xffff), place, part);
            place += part;
            rest -= part;
        }
        burst.setPacket(index, frame, length - rest, time);
        return true;
    }

    private boolean isGathered(long frame) {
        return gathered != null && gathered.holds(frame);
    }

    @Override
    public boolean transmit(long descriptor) {
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        if (isGathered(frame)) {
            boolean sent = copy(descriptor);
            gathered.giveBack(descriptor);
            return sent;
        }
        send(prepared(descriptor));
        return true;
    }

    @Override
    public int transmit(Burst burst, int start, int end) throws IOException {
        if (gathered != null) {
            return Port.super.transmit(burst, start, end);
        }
        int next = start;
        while (next < end) {
            int part = Math.min(end - next, capacity - sendingCount);
            for (int i = 0; i < part; i++) {
                Memory.putLong(sending + (long) (sendingCount + i) * Long.BYTES, prepared(burst.descriptor(next + i)));
            }
            next += part;
            sendingCount += part;
            if (sendingCount == capacity) {
                sendAll();
            }
        }
        return end - start;
    }

    /** The mbuf of a packet whose frame is one, as the program left it. */
    private static long prepared(long descriptor) {
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        long data = Memory.getLong(descriptor + Burst.DATA);
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        long buffer = frame + FrameStore.PRIVATE;
        if (data < buffer) {
            // The program used more headroom than drivers know of.
            Memory.copy(data, buffer, length);
            data = buffer;
        }
        long mbuf = frame - Abi.MBUF;
        prepare(mbuf, (int) (data - buffer), length);
        return mbuf;
    }

    private static void prepare(long mbuf, int offset, int length) {
        Memory.putLong(mbuf + Abi.MBUF_REARM, Abi.FRESH | offset);
        Memory.putLong(mbuf + Abi.MBUF_OL_FLAGS, 0);
        Memory.putInt(mbuf + Abi.MBUF_PKT_LEN, length);
        Memory.putShort(mbuf + Abi.MBUF_DATA_LEN, (short) length);
    }

    private void send(long mbuf) {
        Memory.putLong(sending + (long) sendingCount * Long.BYTES, mbuf);
        if (++sendingCount == capacity) {
            sendAll();
        }
    }

    @Override
    public boolean copy(long descriptor) {
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        int room = frameSize - Burst.HEADROOM;
        int segments = Math.max(1, (length + room - 1) / room);
        if (segments > 1 && !device.sendsSegments()) {
            tooLongToSend++;
            return false;
        }
        if (supplyCount < segments && !restock()) {
            withoutFrame++;
            return false;
        }
        long data = Memory.getLong(descriptor + Burst.DATA);
        if (segments == 1) {
            send(filled(data, length));
        } else {
            sendChain(data, length, room, segments);
        }
        return true;
    }

    /** An mbuf with these bytes. */
    private long filled(long data, int length) {
        long mbuf = Memory.getLong(supply + (long) --supplyCount * Long.BYTES);
        Memory.copy(data, mbuf + Abi.MBUF + Burst.HEADROOM, length);
        prepare(mbuf, Abi.MBUF_HEADROOM, length);
        return mbuf;
    }

    private void sendChain(long data, int length, int room, int segments) {
        long first = filled(data, room);
        long last = first;
        for (int at = room; at < length; at += room) {
            long mbuf = filled(data + at, Math.min(room, length - at));
            Memory.putLong(last + Abi.MBUF_NEXT, mbuf);
            last = mbuf;
        }
        Memory.putLong(last + Abi.MBUF_NEXT, 0);
        Memory.putLong(first + Abi.MBUF_REARM, Memory.getLong(first + Abi.MBUF_REARM) + (segments - 1) * Abi.SEGMENT);
        Memory.putInt(first + Abi.MBUF_PKT_LEN, length);
        send(first);
    }

    /** Afterwards there are enough for any packet. */
    private boolean restock() {
        if (BurstCalls.dequeue(dequeue, frames.pool(), supply + (long) supplyCount * Long.BYTES, SUPPLY) != 0) {
            return false;
        }
        supplyCount += SUPPLY;
        return true;
    }

    @Override
    public void release(long descriptor) {
        long frame = Memory.getLong(descriptor + Burst.FRAME);
        if (isGathered(frame)) {
            gathered.giveBack(descriptor);
        } else {
            free(frame - Abi.MBUF);
        }
    }

    private void free(long mbuf) {
        Memory.putLong(freed + (long) freedCount * Long.BYTES, mbuf);
        if (++freedCount == capacity) {
            freeAll();
        }
    }

    private void freeAll() {
        BurstCalls.free(free, freed, freedCount);
        freedCount = 0;
    }

    private void sendAll() {
        int sent = 0;
        int attempts = 0;
        while (sent < sendingCount && attempts < ATTEMPTS) {
            int now = BurstCalls.burst(txBurst, txQueue, sending + (long) sent * Long.BYTES, sendingCount - sent);
            sent += now;
            attempts = now == 0 ? attempts + 1 : 0;
        }
        if (sent < sendingCount) {
            refuse(sent);
        }
        sendingCount = 0;
    }

    /** What is left from there on is lost. */
    private void refuse(int first) {
        long bytes = 0;
        for (int i = first; i < sendingCount; i++) {
            bytes += Memory.getInt(Memory.getLong(sending + (long) i * Long.BYTES) + Abi.MBUF_PKT_LEN);
        }
        refused += sendingCount - first;
        refusedBytes += bytes;
        BurstCalls.free(free, sending + (long) first * Long.BYTES, sendingCount - first);
    }

    @Override
    public void flush() {
        if (sendingCount > 0) {
            sendAll();
        }
        if (freedCount > 0) {
            freeAll();
        }
    }

    @Override
    public long refused() {
        return refused;
    }

    @Override
    public long refusedBytes() {
        return refusedBytes;
    }

    @Override
    public long missed() {
        return tooLong + (queue == 0 ? device.state().missed() + device.state().withoutFrame() : 0);
    }

    @Override
    public Map<String, Long> details() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put(Port.tooLong(gathered != null), tooLong);
        details.put("not sent as the device's ring was full", refused);
        details.put("not sent as too long", tooLongToSend);
        details.put("not sent as no frame was free", withoutFrame);
        if (queue == 0) {
            details.putAll(device.look().details());
        }
        return details;
    }

    @Override
    public void leave() {
        frames.leave();
    }

    @Override
    public void finish() {
        flush();
        if (queue == 0) {
            device.look();
        }
    }

    @Override
    public void close() throws DpdkException {
        if (closed) {
            return;
        }
        closed = true;
        if (freedCount > 0) {
            freeAll();
        }
        if (sendingCount > 0) {
            BurstCalls.free(free, sending, sendingCount);
            sendingCount = 0;
        }
        if (supplyCount > 0) {
            BurstCalls.free(free, supply, supplyCount);
            supplyCount = 0;
        }
        if (queue == 0) {
            device.close();
        }
        arrays.close();
    }
}
