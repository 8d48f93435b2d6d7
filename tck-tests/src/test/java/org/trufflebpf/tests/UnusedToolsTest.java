package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Debuggers, profilers and coverage cost nothing as long as nobody asks for them; bench/README.md has more programs. */
class UnusedToolsTest {
    private static final Path DIST = Project.ROOT.resolve("launcher/target/dist");
    /** Time without and with tools, the ratio, machine code without and with. */
    private static final Pattern ROW = Pattern.compile("(?m)^xdp_drop +\\S+ +\\S+ +(\\S+) +(\\d+) +(\\d+)$");

    /** The time is looser than the table's, for busy machines. */
    @Test
    void theMachineCodeIsTheSame() {
        Command.Result result = Command.run(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                        "@" + DIST.resolve("jvm.flags"), "@" + DIST.resolve("bench/jvm.flags"), "--upgrade-module-path",
                        DIST.resolve("compiler").toString(),
                        "-p", DIST.resolve("modules").toString(), "--add-modules", "ALL-MODULE-PATH",
                        "-m", "org.trufflebpf.bench/org.trufflebpf.bench.ToolsSideBySide", "xdp_drop").directory(Project.ROOT.toFile()));
        assertEquals(0, result.exitCode(), result.toString());
        Matcher row = ROW.matcher(result.output());
        assertTrue(row.find(), result.toString());
        assertEquals(row.group(2), row.group(3), result.output());
        assertTrue(Double.parseDouble(row.group(1)) < 1.3, result.output());
    }
}
