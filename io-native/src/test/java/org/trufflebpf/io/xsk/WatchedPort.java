package org.trufflebpf.io.xsk;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.Port;

/** Another port, and how packets get there: in the very frame that they came in, or as a copy. Closing it closes nothing. */
final class WatchedPort implements Port {
    private final Port port;
    private long handedOver;
    private long copied;
    private long copiedBytes;

    WatchedPort(Port port) {
        this.port = port;
    }

    /** Packets whose frames the loop gave away to be sent. */
    long handedOver() {
        return handedOver;
    }

    /** Packets whose frames stayed where they were, once for each copy. */
    long copied() {
        return copied;
    }

    /** Their bytes. */
    long copiedBytes() {
        return copiedBytes;
    }

    @Override
    public boolean transmit(long descriptor) throws IOException {
        handedOver++;
        return port.transmit(descriptor);
    }

    @Override
    public int transmit(Burst burst, int start, int end) throws IOException {
        int sent = port.transmit(burst, start, end);
        // The frame of the one that was lost is gone, too.
        handedOver += Math.min(sent + 1, end - start);
        return sent;
    }

    @Override
    public boolean copy(long descriptor) throws IOException {
        copied++;
        copiedBytes += Memory.getInt(descriptor + Burst.LENGTH);
        return port.copy(descriptor);
    }

    @Override
    public int ifindex() {
        return port.ifindex();
    }

    @Override
    public int rxQueue() {
        return port.rxQueue();
    }

    @Override
    public Object memory() {
        return port.memory();
    }

    @Override
    public void start() throws IOException {
        port.start();
    }

    @Override
    public int receive(Burst burst, int limit) throws IOException {
        return port.receive(burst, limit);
    }

    @Override
    public void release(long descriptor) {
        port.release(descriptor);
    }

    @Override
    public void release(Burst burst, int start, int end) {
        port.release(burst, start, end);
    }

    @Override
    public int pollDescriptor() {
        return port.pollDescriptor();
    }

    @Override
    public boolean isAtRest() {
        return port.isAtRest();
    }

    @Override
    public void flush() throws IOException {
        port.flush();
    }

    @Override
    public void finish() throws IOException {
        port.finish();
    }

    @Override
    public void close() {
        // Who opened the port closes it.
    }
}
