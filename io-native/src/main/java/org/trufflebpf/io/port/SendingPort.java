package org.trufflebpf.io.port;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;

/** A port as a worker sees it that has no queue of it: nothing comes from it, but packets can be sent there. Closing it closes nothing. */
public final class SendingPort implements Port {
    private final int ifindex;
    private final CaptureSink sink;

    /** @param sink the one of the port's other side, whose owner closes it */
    public SendingPort(int ifindex, CaptureSink sink) {
        this.ifindex = ifindex;
        this.sink = sink;
    }

    @Override
    public int ifindex() {
        return ifindex;
    }

    @Override
    public int receive(Burst burst, int limit) {
        return END;
    }

    @Override
    public boolean transmit(long descriptor, Port owner) throws IOException {
        sink.write(descriptor);
        owner.release(descriptor);
        return true;
    }

    @Override
    public boolean copy(long descriptor) throws IOException {
        sink.write(descriptor);
        return true;
    }

    @Override
    public void release(long descriptor) {
        throw new IllegalStateException("no frame comes from here");
    }

    @Override
    public void close() {
        // Its sink is another's.
    }
}
