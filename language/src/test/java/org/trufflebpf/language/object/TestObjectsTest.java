package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.language.btf.Clang;

/** The objects are what their sources say: rebuilt, they have the same bytes. */
class TestObjectsTest {
    @TempDir
    private Path directory;

    @Test
    void areBuiltFromTheirSources() throws IOException, InterruptedException {
        Path sources = Path.of("src/test/resources/objects");
        Clang.run(sources.resolve("build"), directory);
        List<Path> built;
        try (Stream<Path> files = Files.list(directory)) {
            built = files.toList();
        }
        for (Path file : built) {
            assertArrayEquals(Files.readAllBytes(sources.resolve(file.getFileName())), Files.readAllBytes(file), file.getFileName().toString());
        }
    }
}
