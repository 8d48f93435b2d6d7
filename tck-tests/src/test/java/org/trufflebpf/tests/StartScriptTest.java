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
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/ebpf in a copy of the project that is built already, with a java that only shows what it was given. */
class StartScriptTest {
    @TempDir
    Path root;
    private Path dist;

    @BeforeEach
    void copy() throws IOException {
        root = root.toRealPath();
        Files.createDirectory(root.resolve("bin"));
        Files.copy(Project.ROOT.resolve("bin/ebpf"), root.resolve("bin/ebpf"));
        Files.createSymbolicLink(root.resolve("bin/polyglot"), Path.of("ebpf"));
        dist = Files.createDirectories(root.resolve("launcher/target/dist"));
        Files.createFile(dist.resolve("built"));
        Files.writeString(Files.createDirectory(dist.resolve("bench")).resolve("jvm.flags"), "");
    }

    private Path jdk(String version, String more) throws IOException {
        Path home = Files.createDirectory(root.resolve("jdk-" + version));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n" + more);
        Path java = Files.createDirectory(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        return home;
    }

    private Command.Result start(Path javaHome, String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of(root.resolve("bin").resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        return Command.run(builder);
    }

    @Test
    void startsJavaWithFlagsCompilerAndModules() throws IOException {
        Command.Result result = start(jdk("25.0.2", ""), "ebpf", "--vm.Xmx1g", "a b", "--vm.Dkey=some value", "--", "--vm.not");
        assertEquals("", result.errors());
        assertEquals(List.of("@" + dist + "/jvm.flags", "@" + dist + "/bench/jvm.flags",
                "-Dpolyglot.engine.resourcePath.engine.libtruffleattach=" + dist + "/attach", "-XX:+UseZGC", "--upgrade-module-path", dist + "/compiler",
                "-Xmx1g", "-Dkey=some value",
                "-p", dist + "/modules", "--add-modules", "ALL-MODULE-PATH",
                "-m", "org.trufflebpf.launcher/org.trufflebpf.launcher.EbpfLauncher", "a b", "--", "--vm.not"),
                result.output().lines().toList());
    }

    @Test
    void takesAnotherCollector() throws IOException {
        Path jdk = jdk("25.0.2", "");
        List<String> lines = start(jdk, "ebpf", "--vm.XX:+UseSerialGC").output().lines().toList();
        assertTrue(lines.contains("-XX:+UseSerialGC") && !lines.contains("-XX:+UseZGC"), lines.toString());
        ProcessBuilder builder = new ProcessBuilder(root.resolve("bin/ebpf").toString());
        builder.environment().putAll(Map.of("JAVA_HOME", jdk.toString(), "JAVA_TOOL_OPTIONS", "-XX:+UseG1GC"));
        assertFalse(Command.run(builder).output().contains("-XX:+UseZGC"));
    }

    @Test
    void startsPolyglotByItsName() throws IOException {
        Command.Result result = start(jdk("25.0.2", ""), "polyglot", "--language", "ebpf");
        List<String> lines = result.output().lines().toList();
        assertEquals(List.of("org.graalvm.launcher/org.graalvm.launcher.PolyglotLauncher", "--language", "ebpf"),
                lines.subList(lines.size() - 3, lines.size()));
    }

    @Test
    void leavesGraalVmItsOwnCompiler() throws IOException {
        Command.Result result = start(jdk("25.0.1", "GRAALVM_VERSION=\"25.0.1\"\n"), "ebpf");
        assertTrue(result.output().contains("EbpfLauncher") && !result.output().contains("--upgrade-module-path"), result.output());
    }

    @Test
    void passesOverJdksThatDoNotFit() throws IOException {
        Path real = Path.of(System.getProperty("java.home"));
        for (String version : List.of("17.0.15", "25", "26.0.1")) {
            Path unfit = jdk(version, "");
            ProcessBuilder builder = new ProcessBuilder(root.resolve("bin/ebpf").toString(), "--vm.version");
            builder.environment().put("JAVA_HOME", unfit.toString());
            builder.environment().put("PATH", real.resolve("bin") + ":" + System.getenv("PATH"));
            Files.writeString(dist.resolve("jvm.flags"), "");
            Command.Result result = Command.run(builder);
            assertTrue(result.errors().contains("version \"25.0."), version + ": " + result);
        }
    }

    @Test
    void saysThatThereIsNoJdk() throws IOException, InterruptedException {
        assumeTrue(new ProcessBuilder("unshare", "--mount", "true").start().waitFor() == 0, "hiding the machine's JDKs needs root");
        String hide = "for folder in /usr/lib/jvm /usr/java /opt \"$HOME/.sdkman\" \"$HOME/.jdks\"; do "
                + "if [ -d \"$folder\" ]; then mount -t tmpfs none \"$folder\"; fi; done; exec \"$0\"";
        ProcessBuilder builder = new ProcessBuilder("unshare", "--mount", "sh", "-ec", hide, root.resolve("bin/ebpf").toString());
        builder.environment().remove("JAVA_HOME");
        Command.Result result = Command.run(builder);
        assertEquals(1, result.exitCode(), result.toString());
        assertTrue(result.errors().startsWith("ebpf: no JDK 25.0.1 or later") && result.errors().lines().count() == 1, result.errors());
    }

    @Test
    void saysThatThereIsNoMaven() throws IOException {
        Files.delete(dist.resolve("built"));
        Files.createFile(root.resolve("pom.xml"));
        Path tools = Files.createDirectory(root.resolve("tools"));
        for (String tool : List.of("bash", "readlink", "dirname", "basename", "sed", "find", "flock", "grep")) {
            Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec \"$(PATH=/usr/bin:/bin command -v " + tool + ")\" \"$@\"\n");
            assertTrue(tools.resolve(tool).toFile().setExecutable(true));
        }
        ProcessBuilder builder = new ProcessBuilder(root.resolve("bin/ebpf").toString());
        builder.environment().put("JAVA_HOME", jdk("25.0.2", "").toString());
        builder.environment().put("PATH", tools.toString());
        Command.Result result = Command.run(builder);
        assertEquals(1, result.exitCode(), result.toString());
        assertEquals("ebpf: Maven is needed to build TruffleBPF on first use: install it (apt install maven) and try again", result.errors().strip());
    }

    @Test
    void scriptsHaveNoWarnings() {
        assumeTrue(Command.run(new ProcessBuilder("sh", "-c", "command -v shellcheck")).exitCode() == 0, "shellcheck is not installed");
        Command.Result result = Command.run(new ProcessBuilder("shellcheck", "bin/ebpf", ".ci/run").directory(Project.ROOT.toFile()));
        assertEquals("", result.output());
    }

    @Test
    void saysThatItCannotBeBuilt() throws IOException {
        Files.delete(dist.resolve("built"));
        Command.Result result = start(jdk("25.0.2", ""), "ebpf");
        assertEquals(1, result.exitCode());
        assertTrue(result.errors().contains("there is no pom.xml to build it from"), result.errors());
    }
}
