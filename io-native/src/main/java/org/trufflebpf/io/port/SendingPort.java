package org.trufflebpf.io.port;

import org.trufflebpf.io.burst.Burst;

/** A port as a worker sees it that has no queue of it: nothing comes from it, but packets can be sent there. Closing it closes nothing. */
public final class SendingPort extends SinkPort {
    /** @param sink the one of the port's other side, whose owner closes it */
    public SendingPort(int ifindex, CaptureSink sink) {
        super(ifindex, sink);
    }

    @Override
    public int receive(Burst burst, int limit) {
        return END;
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
