package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The objects are what the build script beside them makes of their sources, to the byte, and tell nothing of the machine that built them. */
class ProgramObjectsTest {
    /** A path from the root on; system headers are the same everywhere. ASCII only: the rest of an object is no text. */
    private static final Pattern ABSOLUTE_PATH = Pattern.compile("/home/|/tmp/|(?<![\\w.])/(?!usr/)\\w[\\w.-]*/\\w");

    @TempDir
    private static Path built;

    @TestFactory
    Stream<DynamicTest> objectsAreBuiltFromTheirSources() throws IOException, InterruptedException {
        List<Path> objects = new ArrayList<>();
        String problem = null;
        for (Path folder : List.of(Project.PROGRAMS, Project.TEST_PROGRAMS, Project.BENCH_PROGRAMS)) {
            objects.addAll(Project.files(folder, ".o"));
            problem = problem == null ? build(folder) : problem;
        }
        String missing = problem;
        return objects.stream().map(object -> DynamicTest.dynamicTest(object.getFileName().toString(), () -> {
            assumeTrue(missing == null, missing);
            byte[] committed = Files.readAllBytes(object);
            assertArrayEquals(Files.readAllBytes(built.resolve(object.getFileName())), committed, "run the script build");
            String text = new String(committed, StandardCharsets.ISO_8859_1);
            assertFalse(ABSOLUTE_PATH.matcher(text).find(), "the object names a folder of the machine that built it");
        }));
    }

    /** Why it could not be built here, or null. */
    private static String build(Path sources) throws IOException, InterruptedException {
        if (!Files.exists(Path.of("/usr/bin/clang-19")) || !Files.exists(Path.of("/usr/bin/llvm-strip-19"))) {
            return "clang-19 and llvm-19 are not installed";
        }
        if (!Files.exists(Path.of("/usr/include/bpf/bpf_helpers.h"))) {
            return "libbpf-dev is not installed";
        }
        Process process = new ProcessBuilder(sources.resolve("build").toString(), built.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return null;
    }
}
