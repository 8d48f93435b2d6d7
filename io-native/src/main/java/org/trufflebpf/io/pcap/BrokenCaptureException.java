package org.trufflebpf.io.pcap;

import java.io.IOException;

/** A capture cannot be read on from some point: it is cut, damaged or of a kind that is not supported. The message is one line. */
public final class BrokenCaptureException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    BrokenCaptureException(String file, long offset, String what) {
        super(file + ": at byte " + offset + ": " + what);
        this.offset = offset;
    }

    /** Bytes from the start of the capture to the header, packet or block that could not be read. */
    public long offset() {
        return offset;
    }
}
