package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GraalVM's profilers on XDP programs, as users start them. */
class ProfilerTest {

    private static String profile(String port, String... options) {
        List<String> arguments = new ArrayList<>(List.of("run", "xdp_progs/xdp_csum/xdp_csum.o", "--port", port, "--stats", "none"));
        arguments.addAll(List.of(options));
        Command.Result result = Command.ebpf(arguments);
        assertEquals(0, result.exitCode(), result.toString());
        return result.output();
    }

    /** Line 81 is the program's end: all of the 362 packets of the sample come to it or return before. */
    @Test
    void theTracerCountsCLines() {
        List<String> lines = profile("pcap:xdp_progs/samples/mixed.pcap", "--cputracer", "--cputracer.TraceStatements").lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum .* 362 .* 362 100\\.0% .* xdp_progs/xdp_csum/xdp_csum\\.c~54:.*")), lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum .* 8704 .* xdp_progs/xdp_csum/xdp_csum\\.c~75:.*")), lines.toString());
    }

    @Test
    void theSamplerNamesProgramAndSource() {
        List<String> lines = profile("gen:eth / ipv4 / tcp,count=1M", "--cpusampler").lines().toList();
        assertTrue(lines.stream().anyMatch(line -> line.matches(" xdp_csum .* 100\\.0% .* xdp_progs/xdp_csum/xdp_csum\\.c~29-81:.*")), lines.toString());
    }

    @Test
    void theSamplerDrawsAFlameGraph(@TempDir Path folder) throws IOException {
        Path graph = folder.resolve("graph.svg");
        profile("gen:eth / ipv4 / tcp,count=1M", "--cpusampler", "--cpusampler.Output=flamegraph", "--cpusampler.OutputFile=" + graph);
        String svg = Files.readString(graph);
        assertTrue(svg.contains("<svg") && svg.contains("xdp_csum"), svg);
    }
}
