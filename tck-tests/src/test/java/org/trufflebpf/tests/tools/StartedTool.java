package org.trufflebpf.tests.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.trufflebpf.tests.Nobody;
import org.trufflebpf.tests.Project;

/** A run of the ebpf command that waits for a debugger. */
final class StartedTool implements AutoCloseable {
    static final Path SOURCE = Project.ROOT.resolve("xdp_progs/xdp_map_access/xdp_map_access.c");

    private final Process process;
    private final BufferedReader output;
    private final StringBuilder text = new StringBuilder();

    /** Two packets of the sample capture through xdp_map_access. */
    StartedTool(String... options) throws IOException {
        this(Path.of("xdp_progs/xdp_map_access/xdp_map_access.o"), options);
    }

    /** Two packets of the sample capture. */
    StartedTool(Path object, String... options) throws IOException {
        List<String> command = new ArrayList<>(Nobody.prefix());
        command.addAll(List.of(Project.ROOT.resolve("ebpf").toString(), "run", object.toString(), "--port",
                        "pcap:xdp_progs/samples/mixed.pcap", "--count", "2"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).directory(Project.ROOT.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        output = process.inputReader();
    }

    /** What the pattern's first group matches in the first line that has it. */
    String await(Pattern pattern) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            text.append(line).append('\n');
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new AssertionError("the command ended: " + text);
    }

    /** All that it printed, once it has ended. */
    String rest() throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("the command did not end: " + text);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
