package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;

/** The checkout of TruffleBPF that benchmarks take programs from. */
final class Checkout {
    /** The folder of the network functions. */
    static final String PROGRAMS = "xdp_progs";

    private Checkout() {
    }

    /** The working folder or one above it: Maven starts tests in a module's folder. */
    static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve(PROGRAMS))) {
                return folder;
            }
        }
        throw new IllegalStateException("no folder " + PROGRAMS + " in " + start + " or above: start from a checkout of TruffleBPF");
    }

    static ObjectSpec object(Path file) {
        try {
            return ObjectLoader.load(Files.readAllBytes(file), LoadOptions.defaults());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (MalformedObjectException e) {
            throw new IllegalStateException(file + ": " + e.getMessage(), e);
        }
    }
}
