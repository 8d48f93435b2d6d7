package org.trufflebpf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.CommandFiles;

/** Files of results, which all appear whole with {@link #commit} or not at all. They are opened before anything is measured. */
final class WholeFiles implements AutoCloseable {
    /** From the hidden file beside it. */
    private final Map<Path, Path> targets = new LinkedHashMap<>();

    /**
     * A file to be written once.
     *
     * @return where its content goes until it is committed
     * @throws CommandException if it cannot be written
     */
    Path create(Path target) {
        Path whole = target.toAbsolutePath();
        try {
            if (Files.isDirectory(whole)) {
                throw new IOException("is a folder");
            }
            Path hidden = Files.createTempFile(whole.getParent(), "." + whole.getFileName(), null);
            targets.put(hidden, whole);
            return hidden;
        } catch (IOException e) {
            throw CommandException.failed(target + ": cannot be written: " + CommandFiles.reason(e));
        }
    }

    /** A folder, made if it is not there. @throws CommandException if it cannot be */
    static Path folder(String name) {
        try {
            return Files.createDirectories(Path.of(name));
        } catch (IOException e) {
            throw CommandException.failed(name + ": no folder can be made there: " + CommandFiles.reason(e));
        }
    }

    void commit() throws IOException {
        for (Map.Entry<Path, Path> file : targets.entrySet()) {
            Files.move(file.getKey(), file.getValue(), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        for (Path hidden : targets.keySet()) {
            Files.deleteIfExists(hidden);
        }
    }
}
