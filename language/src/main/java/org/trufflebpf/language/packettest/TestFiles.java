package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** How packet tests reach files; a sandbox has its own way. */
public interface TestFiles {
    /**
     * Opens a file for reading from its start, in blocking mode; the caller closes the channel.
     *
     * @throws java.nio.file.NoSuchFileException if it does not exist
     */
    ReadableByteChannel open(String path) throws IOException;

    /** Writes a whole file, in UTF-8; an older one of that name stays as it is until the new one is complete. */
    void write(String path, String text) throws IOException;

    /** The files of this process. */
    static TestFiles ofProcess() {
        return new TestFiles() {
            @Override
            public ReadableByteChannel open(String path) throws IOException {
                return Files.newByteChannel(Path.of(path));
            }

            @Override
            public void write(String path, String text) throws IOException {
                Path target = Path.of(path).toAbsolutePath();
                Path temporary = target.resolveSibling("." + target.getFileName() + ".new");
                try {
                    Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
                    Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(temporary);
                }
            }
        };
    }
}
