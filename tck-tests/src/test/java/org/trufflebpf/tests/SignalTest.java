package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that is stopped ends as if its input had ended: with statistics and whole files. */
class SignalTest {
    private static final int LENGTH = 60;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    void stopsCleanly(String signal, int exitCode) throws IOException, InterruptedException {
        Path sent = folder.resolve("sent.pcap");
        byte[] one = Files.readAllBytes(Project.capture(folder.resolve("one.pcap"), List.of("00".repeat(LENGTH))));
        byte[] packet = Arrays.copyOfRange(one, Project.CAPTURE_HEADER, one.length);
        // A shell may have started the tests with SIGINT ignored, which processes inherit.
        Process process = new ProcessBuilder("env", "--default-signal=INT", Project.ROOT.resolve("ebpf").toString(), "run",
                Project.program("xdp_tx").toString(), "--port", "pcap:/dev/stdin,out=" + sent).start();
        try {
            OutputStream input = process.getOutputStream();
            input.write(one, 0, Project.CAPTURE_HEADER);
            // The pipe holds 64 KiB: once this much is through, the program runs.
            for (int i = 0; i < 4000; i++) {
                input.write(packet);
            }
            input.flush();
            assertEquals(0, new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor());
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (process.isAlive() && System.nanoTime() < end) {
                try {
                    input.write(packet);
                    input.flush();
                } catch (IOException e) {
                    // The reader is gone.
                    break;
                }
                Thread.sleep(1);
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not stop");
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(exitCode, process.exitValue(), errors);
            assertEquals("", errors);
            assertTrue(output.contains("received"), output);
            assertTrue(Files.size(sent) >= Project.CAPTURE_HEADER && (Files.size(sent) - Project.CAPTURE_HEADER) % (16 + LENGTH) == 0, "the capture is not whole");
        } finally {
            process.destroyForcibly();
        }
    }
}
