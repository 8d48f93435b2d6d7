package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What README.md and the other manuals tell people to type works. Commands of README.md run as people run them. Of the others, lines that are nothing
 * but words for {@code ebpf} run in this process: starting Java and warming up its compilers takes ten times as long as what they do.
 */
class ReadmeTest {
    /** What follows {@code run} is what a block needs besides: clang, root. */
    private static final Pattern BLOCK = Pattern.compile("^```sh(?: run(?<needs>(?: \\w+)*))?\\R(?<text>.*?)^```", Pattern.DOTALL
            | Pattern.MULTILINE);

    /** A block of commands. */
    private record Block(String text, List<String> needs) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static String readme() throws IOException {
        return Files.readString(Project.ROOT.resolve("README.md"));
    }

    private static Stream<Block> blocks(String text) {
        return BLOCK.matcher(text).results().filter(block -> block.group(1) != null)
                .map(block -> new Block(block.group(2).strip(), Stream.of(block.group(1).split(" ")).filter(need -> !need.isEmpty()).toList()));
    }

    /** Line by line; those for the shell that follow each other, as a text and the file that it goes to, stay together. */
    private static String outputInSteps(Block block) {
        StringBuilder output = new StringBuilder();
        List<String> forShell = new ArrayList<>();
        for (String line : block.text.replace("\\\n", " ").lines().toList()) {
            List<String> words = PlainCommands.words(line);
            if (words.isEmpty()) {
                forShell.add(line);
            } else {
                output.append(output(new Block(String.join("\n", forShell), block.needs)));
                forShell.clear();
                output.append(PlainCommands.run(words));
            }
        }
        return output.append(output(new Block(String.join("\n", forShell), block.needs))).toString();
    }

    private static String output(Block block) {
        for (String need : block.needs) {
            String command = switch (need) {
                case "clang" -> "command -v clang-19 && test -e /usr/include/bpf/bpf_helpers.h";
                case "root" -> "test $(id -u) = 0 && ip netns list";
                default -> throw new AssertionError("nobody knows how to find out whether there is " + need);
            };
            assumeTrue(Command.run(new ProcessBuilder("bash", "-c", command)).exitCode() == 0, "needs " + need);
        }
        if (block.text.isEmpty()) {
            return "";
        }
        ProcessBuilder shell = new ProcessBuilder("bash", "-euc", block.text).directory(Project.ROOT.toFile());
        Command.Result result = Command.run(shell);
        assertEquals(0, result.exitCode(), result.errors());
        return result.output();
    }

    @Test
    void theFirstCommandShowsVerdicts() throws IOException {
        Block first = blocks(readme()).findFirst().orElseThrow();
        assertTrue(first.text.startsWith("./ebpf run "), first.text);
        String output = output(first);
        assertTrue(output.contains("DROP"), output);
    }

    static Stream<Block> commandsOfTheReadme() throws IOException {
        return blocks(readme()).skip(1);
    }

    @ParameterizedTest
    @MethodSource
    void commandsOfTheReadme(Block block) {
        assertFalse(output(block).isBlank());
    }

    static Stream<Block> commandsOfManuals() throws IOException {
        List<Path> manuals = new ArrayList<>(List.of(Project.ROOT.resolve("bench/README.md")));
        manuals.addAll(Project.files(Project.PROGRAMS, "README.md"));
        manuals.addAll(Project.files(Project.ROOT.resolve("docs"), ".md"));
        StringBuilder text = new StringBuilder();
        for (Path manual : manuals) {
            text.append(Files.readString(manual));
        }
        return blocks(text.toString());
    }

    @ParameterizedTest
    @MethodSource
    void commandsOfManuals(Block block) {
        // What goes on in the background belongs to the shell that waits for it.
        boolean whole = block.text.contains(" &\n");
        String output = whole ? output(block) : outputInSteps(block);
        assertFalse(output.isBlank());
        // The tutorial's limit is one that its packets exceed.
        assertTrue(!block.text.contains("limit.o --port xsk:") || output.contains("DROP"), output);
    }

    /** This command runs this test, so it cannot be run here. */
    @Test
    void theOtherCommandIsTheOneThatRunsAllTests() throws IOException {
        List<String> others = BLOCK.matcher(readme()).results().filter(block -> block.group(1) == null).map(block -> block.group(2).strip()).toList();
        assertEquals(List.of("mvn -B verify"), others);
        assertTrue(Files.readString(Project.ROOT.resolve(".ci/run")).lines().anyMatch(line -> line.startsWith(others.getFirst() + " ")));
    }
}
