package org.trufflebpf.io.loop;

import java.io.IOException;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.io.port.CaptureSink;

/** Where packets with the verdict PASS go, in place of the kernel's network stack. All workers' threads call it. */
public interface PassTarget extends AutoCloseable {
    /** Takes a copy of a packet, named by the address of its burst descriptor. False if there is no room: the packet is lost. */
    boolean pass(long descriptor) throws IOException;

    /** Ends an orderly run: what was passed is made final. */
    default void finish() throws IOException {
    }

    @Override
    default void close() throws IOException {
    }

    /** Passed packets are dropped. */
    static PassTarget drop() {
        return descriptor -> true;
    }

    /** Passed packets are written to a capture, which the target owns from now on. */
    static PassTarget to(CaptureWriter writer) {
        CaptureSink sink = new CaptureSink(writer);
        return new PassTarget() {
            @Override
            public boolean pass(long descriptor) throws IOException {
                sink.write(descriptor);
                return true;
            }

            @Override
            public void finish() throws IOException {
                sink.finish();
            }

            @Override
            public void close() throws IOException {
                sink.close();
            }
        };
    }
}
