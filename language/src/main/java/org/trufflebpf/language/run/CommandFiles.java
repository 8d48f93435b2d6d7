package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleFile;
import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.trufflebpf.language.packettest.TestFiles;

/** The files that users name, as far as the embedder lets a guest see them. */
public final class CommandFiles {
    /** Bytes; far above every object and map file, and small enough to hold in memory. */
    static final int LARGEST = 256 << 20;

    private final Env env;

    public CommandFiles(Env env) {
        this.env = env;
    }

    private TruffleFile file(String path) {
        try {
            return env.getPublicTruffleFile(path);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw CommandException.unreadable(path + ": not the name of a file");
        }
    }

    /** @throws CommandException if it cannot be read */
    byte[] read(String path) {
        try (InputStream stream = readable(path).newInputStream()) {
            byte[] bytes = stream.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw CommandException.unreadable(path + ": larger than " + (LARGEST >> 20) + " MiB");
            }
            return bytes;
        } catch (IOException | SecurityException e) {
            throw CommandException.unreadable(path + ": cannot be read: " + reason(e));
        }
    }

    private TruffleFile readable(String path) throws IOException {
        TruffleFile file = file(path);
        if (file.isDirectory()) {
            throw new IOException("is a folder");
        }
        return file;
    }

    /** Whether an output would take the place of a file that is read. */
    boolean wouldReplace(WholeFile output, String input) {
        try {
            return output.replaces(file(input));
        } catch (IOException | SecurityException e) {
            // It cannot be read either, which is said when it is opened.
            return false;
        }
    }

    /** @throws CommandException if it cannot be read */
    SeekableByteChannel open(String path) {
        try {
            return readable(path).newByteChannel(Set.of(StandardOpenOption.READ));
        } catch (IOException | SecurityException e) {
            throw CommandException.unreadable(path + ": cannot be read: " + reason(e));
        }
    }

    /** @throws CommandException if it cannot be written */
    public WholeFile create(String path) {
        return create(path, false);
    }

    /**
     * As {@link #create}, but what was written is on the disk before the file gets its name: a loss of power leaves the old file or the new one,
     * whole. Each write waits for the disk (Truffle's channels have no fsync), so writes should be large.
     *
     * @throws CommandException if it cannot be written
     */
    WholeFile createDurable(String path) {
        return create(path, true);
    }

    private WholeFile create(String path, boolean durable) {
        if (path.equals("/dev/stdout")) {
            // Opening it anew would write over what was printed where that goes to a file.
            return new WholeFile(path, env.out());
        }
        try {
            return new WholeFile(path, file(path), durable);
        } catch (IOException | SecurityException e) {
            throw CommandException.failed(path + ": cannot be written: " + reason(e));
        }
    }

    /**
     * Makes a folder where there is none.
     *
     * @throws CommandException if that cannot be, or it cannot be written to
     */
    void createFolder(String path) {
        try {
            TruffleFile folder = file(path);
            folder.createDirectories();
            if (!folder.isWritable()) {
                throw new AccessDeniedException(path);
            }
        } catch (IOException | SecurityException e) {
            throw CommandException.failed(path + ": cannot be written: " + (e instanceof FileAlreadyExistsException ? "is no folder" : reason(e)));
        }
    }

    /** @throws CommandException if it cannot be read */
    public String readText(String path) {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    /** @throws CommandException if it cannot be written; nothing is then */
    public void writeText(String path, String text) {
        try (WholeFile file = create(path)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                file.channel().write(bytes);
            }
            file.commit();
        } catch (IOException e) {
            throw CommandException.failed(path + ": cannot be written: " + reason(e));
        }
    }

    /** The same files for packet tests, which report their own errors. */
    TestFiles forTests() {
        return new TestFiles() {
            @Override
            public ReadableByteChannel open(String path) throws IOException {
                try {
                    return CommandFiles.this.open(path);
                } catch (CommandException e) {
                    throw new IOException(e.getMessage(), e);
                }
            }

            @Override
            public void write(String path, String text) throws IOException {
                try {
                    writeText(path, text);
                } catch (CommandException e) {
                    throw new IOException(e.getMessage(), e);
                }
            }
        };
    }

    /** What went wrong; the exceptions of java.nio.file often have only the path as their message. */
    public static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file or folder";
            case AccessDeniedException denied -> "permission denied";
            case SecurityException denied -> "the embedder does not allow access to files";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage();
        };
    }
}
