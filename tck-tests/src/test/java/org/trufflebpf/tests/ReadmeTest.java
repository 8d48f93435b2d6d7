package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What README.md and the other manuals tell people to type works. */
class ReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("^```sh(?<run> run)?\\R(?<text>.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

    private static String readme() throws IOException {
        return Files.readString(Command.ROOT.resolve("README.md"));
    }

    private static Stream<String> commands(String text) {
        return BLOCK.matcher(text).results().filter(block -> block.group(1) != null).map(block -> block.group(2).strip());
    }

    private static Stream<String> commands() throws IOException {
        StringBuilder manuals = new StringBuilder(readme());
        manuals.append(Files.readString(Command.ROOT.resolve("bench/README.md")));
        for (Path manual : Project.files(Project.PROGRAMS, "README.md")) {
            manuals.append(Files.readString(manual));
        }
        for (Path manual : Project.files(Project.ROOT.resolve("docs"), ".md")) {
            manuals.append(Files.readString(manual));
        }
        return commands(manuals.toString());
    }

    private static String output(String command) {
        ProcessBuilder shell = new ProcessBuilder("bash", "-euc", command).directory(Command.ROOT.toFile());
        if (command.contains("JAVA_HOME")) {
            // What starts Java itself is for people whose JAVA_HOME or PATH gives JDK 25; all else finds one.
            shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
        }
        Command.Result result = Command.run(shell);
        assertEquals(0, result.exitCode(), result.errors());
        return result.output();
    }

    @Test
    void theFirstCommandShowsVerdicts() throws IOException {
        String first = commands().findFirst().orElseThrow();
        assertTrue(first.startsWith("./ebpf run "), first);
        String output = output(first);
        assertTrue(output.contains("DROP"), output);
    }

    static Stream<String> furtherCommands() throws IOException {
        return commands().skip(1);
    }

    @ParameterizedTest
    @MethodSource("furtherCommands")
    void commandWorks(String command) {
        assertFalse(output(command).isBlank());
    }

    /** This command runs this test, so it cannot be run here. */
    @Test
    void theOtherCommandIsTheOneThatRunsAllTests() throws IOException {
        List<String> others = BLOCK.matcher(readme()).results().filter(block -> block.group(1) == null).map(block -> block.group(2).strip()).toList();
        assertEquals(List.of("mvn -B verify"), others);
        assertTrue(Files.readString(Command.ROOT.resolve(".ci/run")).lines().anyMatch(line -> line.startsWith(others.getFirst() + " ")));
    }
}
