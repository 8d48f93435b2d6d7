package org.trufflebpf.language.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs the scripts that build committed binaries, where their tools are. */
public final class Clang {
    private Clang() {
    }

    /** Runs {@code script} for {@code directory}; skips the test where clang-19 or llvm-objcopy-19 is missing. */
    public static void run(Path script, Path directory) throws IOException, InterruptedException {
        for (String tool : new String[] {"clang-19", "llvm-objcopy-19"}) {
            boolean there = Arrays.stream(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
            if (!there) {
                System.out.println("skipped: " + tool + " is not installed, so that what it built cannot be rebuilt");
            }
            assumeTrue(there, tool + " is not installed");
        }
        Process process = new ProcessBuilder("sh", script.toString(), directory.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
