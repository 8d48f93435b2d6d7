package org.trufflebpf.language;

import com.oracle.truffle.api.TruffleFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;

/** Tells BPF objects by the ELF header: the magic number and, at byte 18 in the file's own byte order, the machine 247. */
public final class ObjectFileDetector implements TruffleFile.FileTypeDetector {
    private static final int MACHINE_OFFSET = 18;
    private static final int BPF = 247;

    @Override
    public String findMimeType(TruffleFile file) throws IOException {
        byte[] header;
        try (InputStream stream = file.newInputStream()) {
            header = stream.readNBytes(MACHINE_OFFSET + 2);
        }
        if (header.length < MACHINE_OFFSET + 2 || header[0] != 0x7f || header[1] != 'E' || header[2] != 'L' || header[3] != 'F') {
            return null;
        }
        // Big-endian objects too: the loader then says what is wrong with them.
        int machine = (header[MACHINE_OFFSET] | header[MACHINE_OFFSET + 1]) & 0xff;
        boolean oneByteZero = header[MACHINE_OFFSET] == 0 || header[MACHINE_OFFSET + 1] == 0;
        return machine == BPF && oneByteZero ? EbpfLanguage.OBJECT_MIME_TYPE : null;
    }

    @Override
    public Charset findEncoding(TruffleFile file) {
        return null;
    }
}
