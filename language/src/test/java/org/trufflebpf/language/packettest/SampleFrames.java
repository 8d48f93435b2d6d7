package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.nio.file.Path;

/** Frames of the sample capture, which a script of its own built: an independent opinion on headers and checksums. */
final class SampleFrames {
    static final String CAPTURE = Path.of("..", "xdp_progs", "samples", "mixed.pcap").toString();
    /** Before these come only frames that are true to their headers. */
    static final int FIRST_MALFORMED = 250;

    private static final FileCache FILES = new FileCache(TestFiles.ofProcess(), "here.ptest");

    private SampleFrames() {
    }

    /** @param number from 1; null behind the last */
    static byte[] frame(int number) throws IOException {
        return FILES.frame(CAPTURE, number);
    }
}
