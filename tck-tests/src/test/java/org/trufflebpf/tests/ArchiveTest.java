package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that {@code mvn package} makes: it runs where it is unpacked, without Maven, and completes what bash users type. */
class ArchiveTest {
    private static final Path COMPLETION = Project.ROOT.resolve("launcher/src/main/completion/ebpf");

    @Test
    void runsWhereItIsUnpacked(@TempDir Path folder) throws IOException {
        List<Path> archives = Project.files(Project.ROOT.resolve("launcher/target"), "-linux-x86_64.tar.gz");
        assumeTrue(archives.size() == 1, "the archive is not built: run mvn package");
        assertDone("", Command.run(new ProcessBuilder("tar", "xzf", archives.getFirst().toString(), "-C", folder.toString())));
        Path root;
        try (var entries = Files.list(folder)) {
            root = entries.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        ProcessBuilder run = new ProcessBuilder(root.resolve("ebpf").toString(), "run", "xdp_progs/xdp_drop/xdp_drop.o", "--port",
                "pcap:xdp_progs/samples/mixed.pcap", "--stats", "json");
        onlyWithJava(run, folder);
        Command.Result result = Command.run(run.directory(root.toFile()));
        assertEquals(0, result.exitCode(), result.errors());
        assertTrue(result.output().contains("\"drop\""), result.output());
        ProcessBuilder describe = new ProcessBuilder(root.resolve("bin/polyglot").toString(), "--language", "ebpf",
                root.resolve("xdp_progs/xdp_drop/xdp_drop.o").toString());
        onlyWithJava(describe, folder);
        Command.Result polyglot = Command.run(describe);
        assertEquals(0, polyglot.exitCode(), polyglot.errors());
        assertTrue(polyglot.output().contains("xdp_drop"), polyglot.output());
        assertTrue(Files.isRegularFile(root.resolve("share/bash-completion/completions/ebpf")));
        for (Path part : List.of(Project.PROGRAMS, Project.ROOT.resolve("docs"))) {
            List<Path> missing = Stream.of(".o", ".c", ".mjs", ".ptest", ".md").flatMap(suffix -> files(part, suffix))
                    .filter(file -> !file.startsWith(Project.PROGRAMS.resolve("target"))).map(Project.ROOT::relativize)
                    .filter(file -> !Files.isRegularFile(root.resolve(file))).toList();
            assertEquals(List.of(), missing);
        }
    }

    private static Stream<Path> files(Path folder, String suffix) {
        try {
            return Project.files(folder, suffix).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** On the path are a JDK and what the script calls, but no Maven. */
    private static void onlyWithJava(ProcessBuilder command, Path folder) throws IOException {
        Path tools = folder.resolve("tools");
        if (Files.notExists(tools)) {
            Files.createDirectory(tools);
            for (String tool : List.of("env", "bash", "readlink", "dirname", "basename", "sed", "find", "grep")) {
                Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
            }
            Files.createSymbolicLink(tools.resolve("java"), Path.of(System.getProperty("java.home"), "bin", "java"));
        }
        command.environment().put("PATH", tools.toString());
        command.environment().remove("JAVA_HOME");
    }

    private static void assertDone(String output, Command.Result result) {
        assertEquals(output, result.output());
        assertEquals(0, result.exitCode(), result.errors());
    }

    /** What bash offers after some words, of which the last is being typed. */
    private static TreeSet<String> offers(String... words) {
        String script = "source '" + COMPLETION + "'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _ebpf; printf '%s\\n' \"${COMPREPLY[@]}\"";
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script, "bash");
        builder.command().addAll(List.of(words));
        Command.Result result = Command.run(builder.directory(Project.ROOT.toFile()));
        assertEquals("", result.errors());
        return new TreeSet<>(Arrays.asList(result.output().split("\n")));
    }

    /** Commands by the first words of the lines that --help has for them, with the options that it lists of each. */
    private static Map<String, TreeSet<String>> help() {
        Map<String, TreeSet<String>> commands = new TreeMap<>();
        String command = null;
        for (String line : Command.ebpf("--help").output().lines().takeWhile(line -> !line.startsWith("Runtime options")).toList()) {
            if (line.startsWith("Options of ")) {
                command = line.substring("Options of ".length(), line.length() - 1);
            } else if (line.matches("  [a-z][a-z-]* .*")) {
                commands.put(line.strip().split(" ")[0], new TreeSet<>(List.of("--help", "--version", "--show-version")));
            } else if (line.startsWith("  --") && command != null && !line.matches("  --(show-)?version .*")) {
                commands.get(command).add(line.strip().split(" ")[0]);
            }
        }
        return commands;
    }

    @Test
    void completesWhatHelpLists() {
        Map<String, TreeSet<String>> commands = help();
        assertTrue(offers("ebpf", "").containsAll(commands.keySet()), commands.keySet().toString());
        commands.forEach((command, options) -> assertEquals(options, offers("ebpf", command, "-"), command));
        assertEquals(commands.get("run"), offers("ebpf", "xdp_progs/xdp_drop/xdp_drop.o", "-"));
        assertEquals(new TreeSet<>(List.of("json")), offers("ebpf", "run", "--stats", "j"));
        assertEquals(new TreeSet<>(List.of("LICENSE")), offers("ebpf", "run", "LICEN"));
    }
}
