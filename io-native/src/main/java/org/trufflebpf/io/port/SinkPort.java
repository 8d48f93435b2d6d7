package org.trufflebpf.io.port;

import java.io.IOException;

/** A port that writes what is sent to a sink. */
abstract class SinkPort implements Port {
    final CaptureSink sink;
    private final int ifindex;

    SinkPort(int ifindex, CaptureSink sink) {
        this.ifindex = ifindex;
        this.sink = sink;
    }

    @Override
    public final int ifindex() {
        return ifindex;
    }

    @Override
    public final boolean copy(long descriptor) throws IOException {
        sink.write(descriptor);
        return true;
    }
}
