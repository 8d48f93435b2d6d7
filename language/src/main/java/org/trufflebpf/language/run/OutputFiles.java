package org.trufflebpf.language.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The files that one run writes, each of them one file only, whatever it is called. */
final class OutputFiles implements AutoCloseable {
    private final CommandFiles files;
    private final List<String> inputs;
    private final List<WholeFile> created = new ArrayList<>();

    /** @param inputs files that the run reads meanwhile */
    OutputFiles(CommandFiles files, List<String> inputs) {
        this.files = files;
        this.inputs = inputs;
    }

    /** @throws CommandException if it cannot be written, is written already, or is an input */
    WholeFile create(String path) {
        WholeFile file = files.create(path);
        created.add(file);
        for (WholeFile other : created) {
            if (other != file && other.isSameAs(file)) {
                throw CommandException.usage(path + " would be written twice, as " + other.name() + ", too: give each output a file of its own");
            }
        }
        for (String input : inputs) {
            if (files.wouldReplace(file, input)) {
                throw CommandException.usage(path + " is what the run reads: give the output a file of its own");
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
