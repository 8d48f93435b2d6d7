package org.trufflebpf.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the start scripts as processes of their own, in the project's folder. */
final class Command {
    private static final int PATIENCE_SECONDS = 120;

    private Command() {
    }

    record Result(int exitCode, String output, String errors) {
    }

    /** Runs a command that is no script of ours, or one with an environment of its own. */
    static Result run(ProcessBuilder builder) {
        try {
            Path output = Files.createTempFile("output", null);
            Path errors = Files.createTempFile("errors", null);
            try {
                Process process = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
                process.getOutputStream().close();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(builder.command() + " did not end; it said " + Files.readString(errors));
                }
                return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The ebpf command, with nothing on its standard input. */
    static Result ebpf(List<String> arguments) {
        return ebpf(List.of(), arguments);
    }

    /** @param prefix of the command, such as nice(1) */
    static Result ebpf(List<String> prefix, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(prefix)).directory(Project.ROOT.toFile());
        builder.command().add(Project.ROOT.resolve("ebpf").toString());
        builder.command().addAll(arguments);
        return run(builder);
    }

    static Result ebpf(String... arguments) {
        return ebpf(List.of(arguments));
    }
}
