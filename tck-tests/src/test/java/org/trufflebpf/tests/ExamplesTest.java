package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The projects that embedders copy. Maven builds them with the rest; they run here as {@code mvn package exec:exec} runs them. */
class ExamplesTest {
    private static final Path EXAMPLES = Project.ROOT.resolve("examples");

    private static String run(String project, String main) {
        Path folder = EXAMPLES.resolve(project);
        assumeTrue(Files.isDirectory(folder.resolve("target/modules")) && Files.isDirectory(folder.resolve("target/compiler")),
                "the example is not built: run mvn package");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Command.Result result = Command.run(new ProcessBuilder(java, "@jvm.flags", main, Project.PROGRAMS.toString()).directory(folder.toFile()));
        assertEquals(0, result.exitCode(), result.errors());
        assertEquals("", result.errors());
        return result.output();
    }

    @Test
    void java() {
        String output = run("java", "example.Firewall");
        assertTrue(output.contains("one packet: DROP\n"), output);
        assertTrue(output.contains("trapped: "), output);
        assertTrue(output.contains("received: 20000, dropped: "), output);
        assertTrue(output.contains("refused: map l3_filter: key: address: takes "), output);
        assertTrue(output.contains("connection to port 443\n"), output);
    }

    @Test
    void javaScript() {
        String output = run("javascript", "example.Steered");
        assertTrue(output.matches("(?s)10\\.0\\.0\\.1: \\d+ dropped\\n.*10\\.0\\.0\\.2: [1-9]\\d* dropped\\n.*dropped: [1-9]\\d* of 15000\\n"),
                output);
    }

    /** What ebpf itself starts Java with, and where the modules are. */
    @ParameterizedTest
    @ValueSource(strings = {"java", "javascript"})
    void flagsAreThoseOfTheLauncher(String project) throws IOException {
        List<String> expected = new ArrayList<>(Files.readAllLines(Project.ROOT.resolve("launcher/jvm.flags")));
        expected.remove("-Dorg.graalvm.launcher.shell=true");
        List<String> flags = new ArrayList<>(Files.readAllLines(EXAMPLES.resolve(project).resolve("jvm.flags")));
        assertTrue(flags.removeAll(List.of("--upgrade-module-path target/compiler", "--module-path target/modules", "--add-modules ALL-MODULE-PATH",
                "--class-path target/classes")));
        assertEquals(expected, flags);
    }

    /** A project on its own says which version of ours it takes; that is this one. */
    @ParameterizedTest
    @ValueSource(strings = {"java", "javascript"})
    void versionsAreOurs(String project) throws IOException {
        String ours = Files.readString(Project.ROOT.resolve("pom.xml"));
        String example = Files.readString(EXAMPLES.resolve(project).resolve("pom.xml"));
        assertEquals(text(ours, "graal.version"), text(example, "graal.version"));
        assertEquals(text(ours, "version"), text(example, "trufflebpf.version"));
    }

    private static String text(String pom, String element) {
        int start = pom.indexOf("<" + element + ">") + element.length() + 2;
        return pom.substring(start, pom.indexOf("</" + element + ">", start));
    }
}
