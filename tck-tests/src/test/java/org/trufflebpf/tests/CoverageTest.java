package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The coverage tool on a program's C lines, as users start it. */
class CoverageTest {

    private static List<String> coverage(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", Command.DROP.toString(), "--port", "pcap:" + Command.SAMPLE, "--stats", "none"));
        arguments.addAll(List.of(options));
        Command.Result result = Command.ebpf(arguments);
        assertEquals(0, result.exitCode(), result.toString());
        return result.output().lines().toList();
    }

    private static List<String> matching(List<String> lines, String pattern) {
        return lines.stream().filter(line -> line.matches(pattern)).toList();
    }

    /** All lines with code, and how many of the 362 packets took each: 114 get as far as the last check, and are dropped. */
    @Test
    void lcovCountsTheLinesThatTheSampleTakes() {
        List<String> lines = coverage("--coverage", "--coverage.Count", "--coverage.Output=lcov");
        assertEquals(List.of("SN:./xdp_drop/xdp_drop.c"), matching(lines, "SN:.*"));
        assertEquals(List.of("FN:12,xdp_drop", "FNDA:362,xdp_drop"), matching(lines, "FN(DA)?:.*"));
        assertEquals(List.of("DA:12,362", "DA:14,362", "DA:15,362", "DA:22,362", "DA:24,362", "DA:28,278", "DA:30,272", "DA:31,270", "DA:33,267",
                "DA:37,146", "DA:39,123", "DA:40,114", "DA:43,362"), matching(lines, "DA:.*"));
        assertEquals(List.of("LF:13", "LH:13"), matching(lines, "L[FH]:.*"));
    }

    @Test
    void detailedOutputShowsTheText() {
        List<String> lines = coverage("--coverage", "--coverage.Output=detailed");
        assertEquals(List.of("+ \tif (ip->protocol != IPPROTO_TCP)"), matching(lines, ".*IPPROTO_TCP.*"));
        assertEquals(13, matching(lines, "\\+ .*").size());
    }
}
