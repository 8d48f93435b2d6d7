package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.tests.Project;

/** {@code ebpf run} as a process of its own on a machine. Two of them have two environments of DPDK. */
final class EbpfProcess implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final Path output;
    private final Path errors;

    private EbpfProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /** @param folder for what it prints, its own */
    static EbpfProcess start(Machine machine, Path folder, Path object, String... arguments) throws Exception {
        return start(machine, folder, List.of(), object, arguments);
    }

    /** @param prefix of the command, such as nice(1) */
    static EbpfProcess start(Machine machine, Path folder, List<String> prefix, Path object, String... arguments) throws Exception {
        // A shell may have started the tests with SIGINT ignored, which processes inherit.
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("env", "--default-signal=INT", Project.ROOT.resolve("ebpf").toString(), "run", object.toString(),
                "--stats", "json"));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "output", null);
        Path errors = Files.createTempFile(folder, "errors", null);
        Process process = machine.call(() -> new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile()).start());
        return new EbpfProcess(process, output, errors);
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** Waits for a message. Where DPDK has not the driver of a virtual device the test is skipped. */
    void await(String message) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        while (!errors().contains(message)) {
            assumeFalse(errors().contains("failed to parse device"), errors().strip());
            assertTrue(process.isAlive() && System.nanoTime() < end, errors());
            Thread.sleep(5);
        }
    }

    /** Waits for its end. @return the final numbers */
    JsonObject report() throws Exception {
        exitCode();
        return lastReport();
    }

    /** The numbers that came last, of which there must have been some. */
    JsonObject lastReport() throws Exception {
        String printed = Files.readString(output);
        for (long end = System.nanoTime() + PATIENCE; !printed.contains("\n"); printed = Files.readString(output)) {
            assertTrue(System.nanoTime() < end, errors());
            Thread.sleep(5);
        }
        return JsonParser.parseString(printed.substring(0, printed.lastIndexOf('\n')).lines().toList().getLast()).getAsJsonObject();
    }

    /** @param name as kill(1) takes it */
    void signal(String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    }

    /** Ends it with Ctrl-C. @return the final numbers */
    JsonObject stop() throws Exception {
        signal("INT");
        return report();
    }

    /** Waits for its end. */
    int exitCode() throws Exception {
        assertTrue(process.waitFor(PATIENCE, TimeUnit.NANOSECONDS), "it does not end");
        return process.exitValue();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
