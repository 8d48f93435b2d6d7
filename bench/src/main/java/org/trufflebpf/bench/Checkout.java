package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;

/** The checkout of TruffleBPF that benchmarks take programs from, and the machine that it is on. */
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

    /** The processor, the system and the Java that measure. */
    static String machine() {
        String processor = System.getProperty("os.arch");
        try {
            processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                            .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse(processor);
        } catch (IOException e) {
            // Another system than Linux: its architecture says enough.
        }
        return processor + ", " + Runtime.getRuntime().availableProcessors() + " CPUs, " + System.getProperty("os.name") + " "
                        + System.getProperty("os.version") + ", Java " + System.getProperty("java.vm.version");
    }
}
