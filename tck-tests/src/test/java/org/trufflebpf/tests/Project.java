package org.trufflebpf.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of the project that tests read. */
final class Project {
    static final Path ROOT = Command.ROOT;
    static final Path PROGRAMS = ROOT.resolve("xdp_progs");
    static final Path SAMPLE_CAPTURE = PROGRAMS.resolve("samples").resolve("mixed.pcap");

    private Project() {
    }

    /** All files under {@code folder} whose names end like this, in order. */
    static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
