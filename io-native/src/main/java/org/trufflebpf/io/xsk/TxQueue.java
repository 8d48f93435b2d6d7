package org.trufflebpf.io.xsk;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;

/** The way out of a socket: frames go to the kernel by the tx ring and come home by the completion ring. Used by the port's worker. */
final class TxQueue {
    /** Bytes of a packet that are copied to one chunk. */
    private static final int SENT = Umem.CHUNK - Burst.HEADROOM;

    private final Umem umem;
    private final long area;
    private final XskSocket socket;
    private final Ring ring;
    private final Ring completion;
    /** Packets in the ring that the kernel was not told of. */
    private int unpublished;
    /** Frames that are sent and not back. */
    private int sending;
    private boolean ended;

    TxQueue(Umem umem, XskSocket socket) {
        this.umem = umem;
        this.area = umem.address();
        this.socket = socket;
        this.ring = socket.tx();
        this.completion = socket.completion();
    }

    /** Frames in the ring, in the kernel, and on their way back. */
    int sending() {
        return sending;
    }

    /** From now on it takes nothing: the interface is gone. */
    void end() {
        ended = true;
    }

    /** As {@link XskPort#transmit(long)}. */
    boolean transmit(long descriptor) {
        if (umem.isGathered(descriptor)) {
            boolean sent = copy(descriptor);
            umem.giveBack(descriptor);
            return sent;
        }
        if (!hasRoom(1)) {
            umem.giveBack(descriptor);
            return false;
        }
        put(Memory.getLong(descriptor + Burst.DATA) - area, Memory.getInt(descriptor + Burst.LENGTH), 0);
        return true;
    }

    /** As {@link XskPort#transmit(Burst, int, int)}, of packets none of which is gathered. */
    int transmit(Burst burst, int start, int end) {
        // What is sent must find room on its way back.
        int room = ended ? 0 : Math.min(completion.size() - sending, ring.room(end - start));
        int count = Math.min(room, end - start);
        for (int i = 0; i < count; i++) {
            long descriptor = burst.descriptor(start + i);
            long entry = ring.entry(i);
            Memory.putLong(entry, Memory.getLong(descriptor + Burst.DATA) - area);
            Memory.putInt(entry + Ring.LENGTH, Memory.getInt(descriptor + Burst.LENGTH));
            Memory.putInt(entry + Ring.OPTIONS, 0);
        }
        ring.advance(count);
        sending += count;
        unpublished += count;
        if (count < end - start) {
            umem.giveBack(burst.descriptor(start + count));
        }
        return count;
    }

    /** As {@link XskPort#copy}. */
    boolean copy(long descriptor) {
        int length = Memory.getInt(descriptor + Burst.LENGTH);
        int chunks = (length + SENT - 1) / SENT;
        if (!hasRoom(chunks) || chunks > 1 && !socket.handlesFragments()) {
            return false;
        }
        if (umem.available() < chunks) {
            reap();
            if (umem.available() < chunks) {
                return false;
            }
        }
        long data = Memory.getLong(descriptor + Burst.DATA);
        for (int rest = length; rest > 0; rest -= SENT) {
            long place = umem.take() + Burst.HEADROOM;
            Memory.copy(data, place, Math.min(rest, SENT));
            put(place - area, Math.min(rest, SENT), rest > SENT ? Ring.CONTINUED : 0);
            data += SENT;
        }
        return true;
    }

    private boolean hasRoom(int entries) {
        // What is sent must find room on its way back.
        return !ended && sending + entries <= completion.size() && ring.room(entries) >= entries;
    }

    private void put(long address, int length, int options) {
        long entry = ring.entry(0);
        Memory.putLong(entry, address);
        Memory.putInt(entry + Ring.LENGTH, length);
        Memory.putInt(entry + Ring.OPTIONS, options);
        ring.advance(1);
        sending++;
        unpublished++;
    }

    /** Tells the kernel of what was put in since. @return whether the interface is there */
    boolean flush() {
        boolean there = true;
        if (unpublished > 0) {
            unpublished = 0;
            ring.publish();
            there = push();
            reap();
        }
        return there;
    }

    /** Has the kernel send. @return whether the interface is there */
    boolean push() {
        // EAGAIN, EBUSY and ENOBUFS say that there is more to send, ENETDOWN that the link is down: it is tried again when there is time.
        return ended || socket.send() != Libc.ENXIO;
    }

    /** Takes the frames back that were sent. */
    void reap() {
        int count = completion.filled(completion.size());
        if (count > 0) {
            umem.give(completion, count);
            completion.advance(count);
            completion.giveBack();
            sending -= count;
        }
    }
}
