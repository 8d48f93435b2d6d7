package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GraalVM's profilers on XDP programs, as users start them. */
class ProfilerTest {
    /** A row of the sampler: line, ms, share of machine code in %, line. */
    private static final Pattern LINE =
            Pattern.compile(" xdp_csum\\.c:(\\d+) .*\\|\\| +(\\d+)ms .* \\| +(\\d+\\.\\d)% \\|\\| .*xdp_csum\\.c~(\\d+):.*");

    private static String profile(String port, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "xdp_progs/xdp_csum/xdp_csum.o", "--port", port, "--stats", "none"));
        arguments.addAll(List.of(options));
        Command.Result result = Nobody.ebpf(arguments);
        assertEquals(0, result.exitCode(), result.toString());
        return result.output();
    }

    /** Line 81 is the program's end: all of the 362 packets of the sample come to it or return before. */
    @Test
    void theTracerCountsCLines() {
        List<String> lines = profile("pcap:xdp_progs/samples/mixed.pcap", "--cputracer", "--cputracer.TraceStatements").lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum .* 362 .* 362 100\\.0% .* xdp_progs/xdp_csum/xdp_csum\\.c~54:.*")),
                lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum .* 8704 .* xdp_progs/xdp_csum/xdp_csum\\.c~75:.*")), lines.toString());
    }

    /**
     * Lines 72 to 75 are the loop over a checksum's words: they take most of the time, and are named as what runs in the program.
     *
     * @param partLimit instructions that are compiled as one
     */
    @ParameterizedTest
    @ValueSource(ints = {6000, 40})
    void theSamplerNamesProgramAndCLines(int partLimit) {
        List<String> lines = profile("gen:eth / ipv4 / tcp,count=2M", "--cpusampler", "--cpusampler.ShowTiers=true", "--experimental-options",
                "--ebpf.PartLimit=" + partLimit).lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum +\\|\\| .* 100\\.0% .* xdp_progs/xdp_csum/xdp_csum\\.c~29-81:.*")),
                lines.toString());
        int loop = 0;
        for (String line : lines) {
            Matcher row = LINE.matcher(line);
            if (row.matches() && row.group(1).equals(row.group(4)) && Integer.parseInt(row.group(1)) >= 72 && Integer.parseInt(row.group(1)) <= 75) {
                loop += Integer.parseInt(row.group(2));
                assertEquals("100.0", row.group(3), line);
            }
        }
        int all = lines.stream().map(LINE::matcher).filter(Matcher::matches).mapToInt(row -> Integer.parseInt(row.group(2))).sum();
        assertTrue(loop > all / 3, lines.toString());
    }

    /** As for {@code bin/polyglot} and embedders, who ask for lines themselves. */
    @Test
    void withoutTheOptionTheSamplerKnowsPrograms() {
        String output = profile("gen:eth / ipv4 / tcp,count=1M", "--cpusampler", "--ebpf.SampleLines=false");
        assertTrue(output.contains(" xdp_csum ") && !output.contains("xdp_csum.c:"), output);
    }

    @Test
    void theSamplerDrawsAFlameGraphOfCLines(@TempDir Path folder) throws IOException {
        Path graph = folder.resolve("graph.svg");
        assertTrue(folder.toFile().setWritable(true, false) && folder.toFile().setExecutable(true, false));
        profile("gen:eth / ipv4 / tcp,count=1M", "--cpusampler", "--cpusampler.Output=flamegraph", "--cpusampler.OutputFile=" + graph);
        String svg = Files.readString(graph);
        assertTrue(svg.contains("<svg") && svg.contains("\"xdp_csum\"") && svg.matches("(?s).*\"xdp_csum\\.c:7[2-5]\".*"), svg);
    }
}
