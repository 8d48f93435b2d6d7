package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** All lines with code, and how many of the 362 packets came to each: 123 get as far as the last check. */
    @Test
    void lcovCountsTheLinesThatTheSampleTakes() {
        List<String> lines = coverage("--coverage", "--coverage.Count", "--coverage.Output=lcov");
        assertEquals(List.of("SN:./xdp_drop/xdp_drop.c"), matching(lines, "SN:.*"));
        assertEquals(List.of("FN:12,xdp_drop", "FNDA:362,xdp_drop"), matching(lines, "FN(DA)?:.*"));
        assertEquals(List.of("DA:12,362", "DA:14,362", "DA:15,362", "DA:22,362", "DA:24,362", "DA:28,278", "DA:30,272", "DA:31,272", "DA:33,267",
                "DA:37,146", "DA:39,123", "DA:40,123", "DA:43,362"), matching(lines, "DA:.*"));
        assertEquals(List.of("LF:13", "LH:13"), matching(lines, "L[FH]:.*"));
    }

    /** Functions of headers, which the compiler put into the program, are covered in their own files. */
    @Test
    void lcovHasHeaders() {
        Command.Result result = Command.ebpf("test", "xdp_progs/xdp_tcpclassify/xdp_tcpclassify.ptest", "--coverage", "--coverage.Output=lcov");
        assertEquals(0, result.exitCode(), result.toString());
        List<String> lines = result.output().lines().toList();
        List<String> files = Stream.of("counter.h", "fragment.h", "transport.h")
                .map(name -> "SF:" + Command.ROOT.resolve("xdp_progs/include/" + name)).toList();
        List<String> found = matching(lines, "SF:.*").stream().sorted().toList();
        assertEquals(files, found.subList(0, files.size()));
        assertEquals("SF:" + Command.ROOT.resolve("xdp_progs/xdp_tcpclassify/xdp_tcpclassify.c"), found.getLast());
        assertEquals(found.size(), matching(lines, "end_of_record").size());
    }

    /**
     * What the compiler put behind a branch without a line of its own does not count for the line before: no packet of the sample is counted by counter.h,
     * and 134 pass by its last line.
     */
    @Test
    void aLineCountsWhereItBegins() {
        Command.Result result = Command.ebpf("run", "xdp_progs/xdp_tcpclassify/xdp_tcpclassify.o", "--port", "pcap:" + Command.SAMPLE, "--stats", "none",
                        "--coverage", "--coverage.Count", "--coverage.Output=lcov");
        assertEquals(0, result.exitCode(), result.toString());
        List<String> lines = result.output().lines().dropWhile(line -> !line.endsWith("/include/counter.h") || !line.startsWith("SF:")).toList();
        assertEquals(List.of("DA:11,0", "DA:13,0", "DA:14,0"), matching(lines.subList(0, lines.indexOf("end_of_record")), "DA:.*"));
    }

    @Test
    void detailedOutputShowsTheText() {
        List<String> lines = coverage("--coverage", "--coverage.Output=detailed");
        assertEquals(List.of("+ \tif (ip->protocol != IPPROTO_TCP)"), matching(lines, ".*IPPROTO_TCP.*"));
        assertEquals(13, matching(lines, "\\+ .*").size());
    }
}
