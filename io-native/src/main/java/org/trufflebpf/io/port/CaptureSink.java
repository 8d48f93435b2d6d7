package org.trufflebpf.io.port;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.pcap.CaptureWriter;

/** Where packets that a port sent are kept: a capture, to which all queues of the port write, each from its own thread; or nowhere. */
public final class CaptureSink implements AutoCloseable {
    private final CaptureWriter writer;
    private boolean finished;

    /** @param writer the sink owns it from now on; null if what is sent is not kept */
    public CaptureSink(CaptureWriter writer) {
        this.writer = writer;
    }

    /** Writes a packet, named by the address of its burst descriptor, with the time at which it was received. */
    public void write(long descriptor) throws IOException {
        if (writer != null) {
            synchronized (this) {
                writer.write(Memory.getLong(descriptor + Burst.TIMESTAMP), Memory.getLong(descriptor + Burst.DATA),
                        Memory.getInt(descriptor + Burst.LENGTH));
            }
        }
    }

    /** Makes what was written final; once is enough. */
    public synchronized void finish() throws IOException {
        if (writer != null && !finished) {
            finished = true;
            writer.commit();
        }
    }

    /** Throws away what is not {@linkplain #finish finished}. */
    @Override
    public synchronized void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
