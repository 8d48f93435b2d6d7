package org.trufflebpf.io.pcap;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A file to be written as a whole or not at all: {@link #close} without {@link #commit} leaves things as they were. {@link AtomicFile} is the
 * one for the file system; callers in a sandbox bring their own.
 */
public interface CaptureOutput extends AutoCloseable {
    /** What messages call the file. */
    String name();

    /** Where the bytes go, in blocking mode; open until commit or close. */
    WritableByteChannel channel();

    /** Ends the writing and makes the file appear. */
    void commit() throws IOException;

    /** Gives everything back; what was not committed is thrown away. Closing twice is harmless. */
    @Override
    void close() throws IOException;
}
