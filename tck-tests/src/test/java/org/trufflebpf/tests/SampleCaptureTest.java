package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.packettest.Outcome;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.packettest.PacketTestParser;
import org.trufflebpf.language.packettest.PacketTestRunner;
import org.trufflebpf.language.packettest.TestFiles;

/**
 * The sample capture, and what the kernel makes of it: a packet test file mixed.ptest, which {@link PacketTestsTest} runs on all engines, with the
 * verdict and bytes of every frame, the records of ring buffers, and the maps at the end. With -Dpacket-tests.record the files are written anew.
 *
 * <p>A program takes part by having such a file, empty at first. What it says between an object and the first packet is kept: which program, and
 * what is in the maps before.
 */
class SampleCaptureTest {
    private static final String RECORD = "packet-tests.record";
    private static final String RECORDED = "mixed.ptest";
    private static final String PREPARATION = "\ntest \"the sample capture\"\n";

    @Test
    void theScriptMakesTheCaptures(@TempDir Path folder) throws IOException, InterruptedException {
        Path samples = Project.SAMPLE_CAPTURE.getParent();
        Path script = samples.resolve("MakeSamples.java");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), script.toString(), folder.toString())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        List<Path> made = Project.files(folder, ".pcap");
        assertEquals(names(Project.files(samples, ".pcap")), names(made));
        for (Path capture : made) {
            assertArrayEquals(Files.readAllBytes(capture), Files.readAllBytes(samples.resolve(capture.getFileName())), "run " + script);
        }
    }

    private static List<String> names(List<Path> files) {
        return files.stream().map(file -> file.getFileName().toString()).toList();
    }

    static List<Path> recordedFiles() throws IOException {
        return Project.files(Project.PROGRAMS, "/" + RECORDED);
    }

    @ParameterizedTest
    @MethodSource("recordedFiles")
    void theKernelStillAnswersAsRecorded(Path file) throws IOException, PacketTestException {
        assumeTrue(Bpf.available(), Bpf.reason());
        assumeTrue(KernelVersion.current().isAtLeast(6, 13), "before Linux 6.13 bpf_csum_diff gave other numbers");
        String recorded = Files.readString(file);
        StringBuilder text = new StringBuilder("""
                # Generated: what the kernel makes of the sample capture, frame by frame, with its maps at the end. To write it anew, as root:
                # mvn -pl tck-tests -am test -Dtest=SampleCaptureTest -Dsurefire.failIfNoSpecifiedTests=false -Dpacket-tests.record
                """);
        for (Path object : Project.files(file.getParent(), ".o")) {
            String start = "object " + object.getFileName() + "\n";
            String preparation = preparation(recorded, start);
            text.append('\n').append(start).append(preparation);
            record(file, start + preparation, text);
        }
        if (System.getProperty(RECORD) != null) {
            Files.writeString(file, text);
        }
        assertEquals(text.toString(), Files.readString(file));
    }

    private static String preparation(String recorded, String start) {
        int from = recorded.indexOf(start);
        int to = recorded.indexOf("\npacket ", from);
        return from < 0 || to < 0 ? PREPARATION : recorded.substring(from + start.length(), to + 1);
    }

    /** Appends the capture's frames, with what the kernel makes of them after these statements. */
    private static void record(Path file, String statements, StringBuilder text) throws IOException, PacketTestException {
        StringBuilder script = new StringBuilder(statements);
        int frames = Project.packets(Project.SAMPLE_CAPTURE).size();
        for (int frame = 1; frame <= frames; frame++) {
            script.append(packet(frame));
        }
        KernelRecorder recorder = new KernelRecorder(text, SampleCaptureTest::packet);
        PacketTestRunner runner = new PacketTestRunner(recorder, TestFiles.ofProcess(), file.toString());
        for (Outcome outcome : runner.run(PacketTestParser.parse(script.toString().getBytes(StandardCharsets.UTF_8)))) {
            assertEquals(Outcome.Kind.PASSED, outcome.kind(), outcome.message());
        }
    }

    private static String packet(int frame) {
        return "packet frame " + frame + " of ../samples/mixed.pcap\n";
    }
}
