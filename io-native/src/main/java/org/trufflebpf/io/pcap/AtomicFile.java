package org.trufflebpf.io.pcap;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes to a temporary file in the target's folder and moves it over the target on commit. A symbolic link stays and what it points to is
 * replaced; a device or pipe, such as /dev/stdout, is written directly.
 */
public final class AtomicFile implements CaptureOutput {
    private final Path requested;
    private final Path target;
    private final Path temporary;
    private final WritableByteChannel channel;
    private boolean committed;

    /** @throws IOException if the folder does not exist or cannot be written, or the target is a folder; the message names the target */
    public AtomicFile(Path file) throws IOException {
        this.requested = file;
        try {
            this.target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            if (Files.isDirectory(target)) {
                throw new IOException("is a folder");
            }
            if (Files.exists(target) && !Files.isRegularFile(target)) {
                this.temporary = null;
                this.channel = Files.newByteChannel(target, StandardOpenOption.WRITE);
            } else {
                Path free = null;
                WritableByteChannel opened = null;
                while (opened == null) {
                    free = target.resolveSibling("." + target.getFileName() + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()));
                    try {
                        opened = Files.newByteChannel(free, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                    } catch (FileAlreadyExistsException e) {
                        continue;
                    }
                }
                this.temporary = free;
                this.channel = opened;
            }
        } catch (IOException e) {
            throw new IOException(file + ": cannot be written: " + reason(e), e);
        }
    }

    /** The exceptions of java.nio.file often have only the path as their message. */
    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "the folder does not exist";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> e.getMessage();
        };
    }

    @Override
    public String name() {
        return requested.toString();
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
                Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
            }
            committed = true;
        } catch (IOException e) {
            throw new IOException(requested + ": cannot be written: " + reason(e), e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (temporary != null && !committed) {
            Files.deleteIfExists(temporary);
        }
    }
}
