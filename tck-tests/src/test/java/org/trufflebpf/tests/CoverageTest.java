package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The coverage tool on a program's C lines, as users start it. */
class CoverageTest {

    private static List<String> coverage(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", Project.DROP.toString(), "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--stats", "none"));
        arguments.addAll(List.of(options));
        Command.Result result = Nobody.ebpf(arguments);
        assertEquals(0, result.exitCode(), result.toString());
        return result.output().lines().toList();
    }

    private static List<String> matching(List<String> lines, String pattern) {
        return lines.stream().filter(line -> line.matches(pattern)).toList();
    }

    /**
     * All lines with code, and how many of the 362 packets came to each: 123 get as far as the last check.
     *
     * @param partLimit instructions that are compiled as one
     */
    @ParameterizedTest
    @ValueSource(ints = {6000, 1})
    void lcovCountsTheLinesThatTheSampleTakes(int partLimit) {
        List<String> lines = coverage("--coverage", "--coverage.Count", "--coverage.Output=lcov", "--experimental-options",
                "--ebpf.PartLimit=" + partLimit);
        assertEquals(List.of("SN:./xdp_drop/xdp_drop.c"), matching(lines, "SN:.*"));
        assertEquals(List.of("FN:12,xdp_drop", "FNDA:362,xdp_drop"), matching(lines, "FN(DA)?:.*"));
        assertEquals(List.of("DA:12,362", "DA:14,362", "DA:15,362", "DA:22,362", "DA:24,362", "DA:28,278", "DA:30,272", "DA:31,272", "DA:33,267",
                "DA:37,146", "DA:39,123", "DA:40,123", "DA:43,362"), matching(lines, "DA:.*"));
        assertEquals(List.of("LF:13", "LH:13"), matching(lines, "L[FH]:.*"));
    }

    /** The lines of each file, and whether a packet came to them. */
    private static Map<String, Map<Integer, Boolean>> files(List<String> lcov) {
        Map<String, Map<Integer, Boolean>> files = new TreeMap<>();
        Map<Integer, Boolean> file = Map.of();
        for (String line : lcov) {
            if (line.startsWith("SF:")) {
                file = new TreeMap<>();
                assertNull(files.put(Project.PROGRAMS.relativize(Path.of(line.substring("SF:".length()))).toString(), file), line);
            } else if (line.startsWith("DA:")) {
                String[] numbers = line.substring("DA:".length()).split(",");
                file.put(Integer.parseInt(numbers[0]), !numbers[1].equals("0"));
            }
        }
        return files;
    }

    /**
     * All packet tests of the network functions, with functions of headers, which the compiler put into the programs, in their own files. What they cannot
     * come to takes another CPU, which makes an entry between two calls, or 8,192 entries.
     */
    @Test
    void packetTestsComeToEveryLineOfTheNetworkFunctions() throws IOException {
        List<String> arguments = new ArrayList<>(List.of("test"));
        Project.files(Project.PROGRAMS, ".ptest").forEach(file -> arguments.add(file.toString()));
        arguments.addAll(List.of("--coverage", "--coverage.Output=lcov"));
        Command.Result result = Nobody.ebpf(arguments);
        assertEquals(0, result.exitCode(), result.toString());
        Map<String, Map<Integer, Boolean>> files = files(result.output().lines().toList());

        Set<String> expected = new TreeSet<>();
        for (Path object : Project.files(Project.PROGRAMS, ".o")) {
            String name = object.getFileName().toString().replace(".o", ".c");
            Path source = object.resolveSibling(name);
            // Variants are objects of the same source.
            if (Files.exists(source)) {
                expected.add(Project.PROGRAMS.relativize(source).toString());
            }
        }
        assertTrue(expected.size() >= 20 && files.keySet().containsAll(expected), files.keySet().toString());
        assertTrue(files.keySet().containsAll(Set.of("include/counter.h", "include/fragment.h", "include/transport.h", "l4lb/quic.h")),
                files.keySet().toString());

        assertEquals(Set.of(12, 14, 15, 22, 24, 28, 30, 31, 33, 37, 39, 40, 43), files.get("xdp_drop/xdp_drop.c").keySet());
        Map<String, List<Integer>> missed = new TreeMap<>();
        files.forEach((file, lines) -> lines.forEach((line, reached) -> {
            if (!reached) {
                missed.computeIfAbsent(file, _ -> new ArrayList<>()).add(line);
            }
        }));
        assertEquals(Map.of("xdp_maps/xdp_maps.c", List.of(26, 28), "xdp_csum/xdp_csum.c", List.of(43, 45)), missed);
    }

    /**
     * What the compiler put behind a branch without a line of its own does not count for the line before: no packet of the sample is counted by counter.h,
     * and 134 pass by its last line.
     */
    @Test
    void aLineCountsWhereItBegins() {
        Command.Result result = Nobody.ebpf(List.of("run", "xdp_progs/xdp_tcpclassify/xdp_tcpclassify.o", "--port",
                "pcap:" + Project.SAMPLE_CAPTURE, "--stats", "none", "--coverage", "--coverage.Count", "--coverage.Output=lcov"));
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
