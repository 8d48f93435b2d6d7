package org.trufflebpf.language.run;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** JSON text whose last element is a check of all bytes before: any byte that changed later is noticed. */
final class SealedOutput extends FilterOutputStream {
    /** The member that says that an element is the check. */
    static final String NAME = "crc32c";

    private final CRC32C sum = new CRC32C();
    private long size;

    SealedOutput(OutputStream stream) {
        super(stream);
    }

    private static byte[] end(CRC32C sum) {
        return (" {\"" + NAME + "\": \"" + HexFormat.of().toHexDigits((int) sum.getValue()) + "\"}\n]\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether a text that was sealed is still what was written. */
    static boolean isWhole(byte[] json) {
        CRC32C sum = new CRC32C();
        int end = json.length - end(sum).length;
        sum.update(json, 0, Math.max(0, end));
        return end > 0 && Arrays.equals(end(sum), Arrays.copyOfRange(json, end, json.length));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        size += length;
        if (size > CommandFiles.LARGEST) {
            throw new IOException("would be larger than " + (CommandFiles.LARGEST >> 20) + " MiB, which could not be read again");
        }
        sum.update(bytes, offset, length);
        out.write(bytes, offset, length);
    }

    /** Ends the array. */
    void seal() throws IOException {
        out.write(end(sum));
        out.flush();
    }
}
