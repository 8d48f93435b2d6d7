package org.trufflebpf.language.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files that one run writes, each of them one file only, whatever it is called. */
final class OutputFiles implements AutoCloseable {
    private final CommandFiles files;
    private final List<WholeFile> created = new ArrayList<>();

    OutputFiles(CommandFiles files) {
        this.files = files;
    }

    /** @throws CommandException if it cannot be written, or is written already */
    WholeFile create(String path) {
        WholeFile file = files.create(path);
        created.add(file);
        for (WholeFile other : created) {
            if (other != file && other.isSameAs(file)) {
                throw CommandException.usage(path + " would be written twice, as " + other.name() + ", too: give each output a file of its own");
            }
        }
        return file;
    }

    /** Those that were not committed are gone then. */
    @Override
    public void close() throws IOException {
        for (WholeFile file : created) {
            file.close();
        }
    }
}
