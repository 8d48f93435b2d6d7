package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleFile;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.trufflebpf.io.pcap.CaptureOutput;

/**
 * A file that appears whole with {@link #commit} or not at all: until then it is a hidden one beside it. A link stays, and what it points to
 * is replaced; a device or pipe is written directly.
 */
public final class WholeFile implements CaptureOutput {
    private final String name;
    private final TruffleFile target;
    /** Null if the target is written directly. */
    private final TruffleFile temporary;
    private final WritableByteChannel channel;
    private boolean committed;

    /** A stream under the name of a file; it stays open. */
    WholeFile(String name, OutputStream stream) {
        this.name = name;
        this.target = null;
        this.temporary = null;
        // Without close, which would close the stream.
        this.channel = Channels.newChannel(new FilterOutputStream(stream) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        });
    }

    /** @param durable see {@link CommandFiles#createDurable} */
    WholeFile(String name, TruffleFile file, boolean durable) throws IOException {
        this.name = name;
        this.target = file.exists() ? file.getCanonicalFile() : inCanonicalFolder(file.getAbsoluteFile());
        if (target.isDirectory()) {
            throw new IOException("is a folder");
        }
        if (target.exists() && !target.isRegularFile()) {
            temporary = null;
            channel = target.newByteChannel(Set.of(StandardOpenOption.WRITE));
        } else {
            temporary = target.resolveSibling("." + target.getName() + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()));
            channel = durable ? openDurable(temporary) : temporary.newByteChannel(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        }
    }

    private static WritableByteChannel openDurable(TruffleFile file) throws IOException {
        try {
            return file.newByteChannel(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, StandardOpenOption.DSYNC));
        } catch (UnsupportedOperationException e) {
            // An embedder's file system, in memory perhaps.
            return file.newByteChannel(Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
        }
    }

    private static TruffleFile inCanonicalFolder(TruffleFile file) throws IOException {
        TruffleFile folder = file.getParent();
        return folder != null && folder.exists() ? folder.getCanonicalFile().resolve(file.getName()) : file;
    }

    /** Whether both would become the same file. */
    boolean isSameAs(WholeFile other) {
        return temporary != null && other.temporary != null && target.equals(other.target);
    }

    /** Whether it would take the place of a file. */
    boolean replaces(TruffleFile file) throws IOException {
        return temporary != null && file.exists() && target.equals(file.getCanonicalFile());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public WritableByteChannel channel() {
        return channel;
    }

    @Override
    public void commit() throws IOException {
        try {
            channel.close();
            if (temporary != null) {
                temporary.move(target, StandardCopyOption.REPLACE_EXISTING);
            }
            committed = true;
        } catch (IOException e) {
            throw new IOException(name + ": cannot be written: " + CommandFiles.reason(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (temporary != null && !committed && temporary.exists()) {
            temporary.delete();
        }
    }
}
