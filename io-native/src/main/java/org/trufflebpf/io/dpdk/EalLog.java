package org.trufflebpf.io.dpdk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What DPDK and its drivers complain of, which says more than the numbers that their functions give: a file in memory, emptied before each step. */
final class EalLog {
    /** The component that speaks. */
    private static final Pattern SPEAKER = Pattern.compile("^[A-Za-z_]+(\\(\\))?: ");

    private final Library library;
    private final int descriptor;

    private EalLog(Library library, int descriptor) {
        this.library = library;
        this.descriptor = descriptor;
    }

    /** From now on messages go there and no longer to the standard error. It stays open as long as the process lives. */
    static EalLog open(Library library) throws DpdkException {
        int descriptor = library.call("memfd_create", "dpdk-log", 0);
        // Appending, so that it starts again after it was emptied.
        long stream = descriptor < 0 ? 0 : library.address("fdopen", descriptor, "a");
        if (stream == 0) {
            throw new DpdkException("there is no memory for DPDK's messages");
        }
        library.call("rte_openlog_stream", stream);
        return new EalLog(library, descriptor);
    }

    void clear() {
        library.call("ftruncate", descriptor, 0L);
    }

    /** The first message since the log was emptied, which is the driver's; then come those of the layers above. */
    String first(String otherwise) {
        try {
            String text = new String(Files.readAllBytes(Path.of("/proc/self/fd/" + descriptor)), StandardCharsets.UTF_8);
            return text.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst()
                    .map(line -> SPEAKER.matcher(line).replaceFirst("")).orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
