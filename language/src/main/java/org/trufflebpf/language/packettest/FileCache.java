package org.trufflebpf.language.packettest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureReader;

/** The files that one test file names, each read once, within bounds that no test file needs to reach. */
final class FileCache implements PacketBuilder.Captures {
    /** Bytes of an object file; real ones have less than one MiB. */
    private static final int MAX_OBJECT = 64 << 20;
    /** Bytes of all capture frames that stay in memory. */
    private static final int MAX_FRAMES = 64 << 20;

    private final TestFiles files;
    private final String testFile;
    private final Map<String, byte[]> objects = new HashMap<>();
    private final Map<String, List<byte[]>> captures = new HashMap<>();

    FileCache(TestFiles files, String testFile) {
        this.files = files;
        this.testFile = testFile;
    }

    /** A path as the test file writes it, as seen from the working directory. */
    String resolve(String path) throws IOException {
        try {
            return Path.of(testFile).resolveSibling(path).normalize().toString();
        } catch (InvalidPathException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    byte[] object(String path) throws IOException {
        byte[] object = objects.get(path);
        if (object == null) {
            object = readAll(files, resolve(path), MAX_OBJECT);
            objects.put(path, object);
        }
        return object;
    }

    @Override
    public byte[] frame(String capture, int number) throws IOException {
        List<byte[]> frames = captures.get(capture);
        if (frames == null) {
            frames = readFrames(resolve(capture));
            captures.put(capture, frames);
        }
        return number <= frames.size() ? frames.get(number - 1).clone() : null;
    }

    private List<byte[]> readFrames(String path) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        long total = 0;
        try (CaptureReader reader = CaptureReader.open(path, files.open(path)); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (reader.next()) {
                total += reader.length();
                if (total > MAX_FRAMES) {
                    throw new IOException(path + ": more than " + MAX_FRAMES + " bytes of packets; take the ones that you test with into a capture");
                }
                byte[] frame = new byte[reader.length()];
                reader.copyTo(block.address());
                block.asByteBuffer().get(frame);
                frames.add(frame);
            }
        }
        return frames;
    }

    /** The whole file, which may have {@code limit} bytes. */
    static byte[] readAll(TestFiles files, String path, int limit) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try (ReadableByteChannel channel = files.open(path)) {
            while (channel.read(buffer) >= 0) {
                content.write(buffer.array(), 0, buffer.position());
                buffer.clear();
                if (content.size() > limit) {
                    throw new IOException(path + ": more than " + limit + " bytes");
                }
            }
        }
        return content.toByteArray();
    }

    /** One line for people. */
    static String describe(IOException e, String path) {
        if (e instanceof NoSuchFileException) {
            return path + ": no such file";
        }
        String message = String.valueOf(e.getMessage());
        return message.startsWith(path) ? message : path + ": " + message;
    }
}
