package org.trufflebpf.io.xsk;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * What the kernel does with a socket's rings, done by us, so that a port runs without an interface. Its system calls do nothing; packets come and
 * leave when {@link #deliver} and {@link #send} are called, by the port's thread.
 */
final class MemoryKernel implements AutoCloseable {
    /** Of a ring's numbers from its start in bytes; then the entries. */
    private static final int CONSUMER = 2 * NativeBlock.CACHE_LINE;
    private static final int FLAGS = CONSUMER + NativeBlock.CACHE_LINE;
    private static final int ENTRIES = 2 * CONSUMER;
    /** Bytes of a packet in one frame. */
    private static final int CHUNK = Umem.CHUNK - Burst.HEADROOM;

    private final NativeBlock block;
    private final long ringLength;
    private final XskSocket socket;
    private final Ring fill;
    private final Ring completion;
    private final Ring rx;
    private final Ring tx;
    private long received;
    private long sent;

    /** @param size entries of each ring, a power of two */
    MemoryKernel(int size) {
        ringLength = ENTRIES + (long) size * Ring.PACKET;
        block = new NativeBlock(4 * ringLength);
        socket = new XskSocket(ring(0, size), ring(1, size), ring(2, size), ring(3, size));
        fill = ring(0, size);
        completion = ring(1, size);
        rx = ring(2, size);
        tx = ring(3, size);
    }

    private Ring ring(int number, int size) {
        long address = block.address() + number * ringLength;
        return new Ring(address, address + CONSUMER, address + FLAGS, address + ENTRIES, number < 2 ? Ring.FRAME : Ring.PACKET, size);
    }

    /** The socket on the other side of the rings, for the port that owns it from now on. */
    XskSocket socket() {
        return socket;
    }

    /** Whether the port is to make system calls. */
    void wantWakeups(boolean wanted) {
        for (int number = 0; number < 4; number++) {
            Memory.putInt(block.address() + number * ringLength + FLAGS, wanted ? 1 : 0);
        }
    }

    /** Packets of some length come, as many as there are frames for and at most {@code most}; how many did. */
    int deliver(int most, int length) {
        int frames = (length + CHUNK - 1) / CHUNK;
        int count = rx.room(fill.filled(most * frames)) / frames;
        for (int i = 0; i < count * frames; i++) {
            int begin = i % frames * CHUNK;
            long entry = rx.entry(i);
            Memory.putLong(entry, Memory.getLong(fill.entry(i)) + Burst.HEADROOM);
            Memory.putInt(entry + Ring.LENGTH, Math.min(CHUNK, length - begin));
            Memory.putInt(entry + Ring.OPTIONS, begin + CHUNK < length ? Ring.CONTINUED : 0);
        }
        fill.advance(count * frames);
        fill.giveBack();
        rx.advance(count * frames);
        rx.publish();
        received += count;
        return count;
    }

    /** What is in the tx ring has left, at most {@code most} entries. */
    void send(int most) {
        int count = completion.room(tx.filled(most));
        for (int i = 0; i < count; i++) {
            Memory.putLong(completion.entry(i), Memory.getLong(tx.entry(i)));
            sent += (Memory.getInt(tx.entry(i) + Ring.OPTIONS) & Ring.CONTINUED) == 0 ? 1 : 0;
        }
        tx.advance(count);
        tx.giveBack();
        completion.advance(count);
        completion.publish();
    }

    /** Packets that came. */
    long received() {
        return received;
    }

    /** Packets that left. */
    long sent() {
        return sent;
    }

    /** After the port was closed. */
    @Override
    public void close() {
        block.close();
    }
}
