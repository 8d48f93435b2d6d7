package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Java programs that leave flags of docs/embedding.md out learn what is missing, or run without a compiler. */
class EmbeddingFlagsTest {
    private static final Path DIST = Project.ROOT.resolve("launcher/target/dist");

    private static Command.Result drop(List<String> flags) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-p", DIST.resolve("modules").toString(), "--add-modules", "ALL-MODULE-PATH",
                "-m", "org.trufflebpf.launcher/org.trufflebpf.launcher.EbpfLauncher", Project.DROP.toString(), "--port",
                "gen:eth / ipv4 / udp,count=10"));
        return Command.run(new ProcessBuilder(command));
    }

    @Test
    void aCompilerThatCannotBeAskedIsNamedInALine() throws IOException {
        List<String> flags = new ArrayList<>(Files.readAllLines(DIST.resolve("jvm.flags")));
        assertTrue(flags.removeIf(flag -> flag.startsWith("--add-exports=")));
        flags.addAll(List.of("--upgrade-module-path", DIST.resolve("compiler").toString()));
        Command.Result result = drop(flags);
        assertEquals("ebpf: programs cannot be compiled: start Java with "
                + "--add-exports=org.graalvm.truffle.runtime/com.oracle.truffle.runtime=org.trufflebpf.language", result.errors().strip());
        assertEquals(1, result.exitCode());
    }

    @Test
    void programsAreInterpretedWithoutAnyFlag() {
        Command.Result result = drop(List.of());
        assertTrue(result.errors().contains("ebpf: warning: packets are processed by the interpreter"), result.errors());
        assertTrue(result.output().contains("received       10"), result.output());
        assertEquals(0, result.exitCode());
    }
}
