package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;

/** A program's C source with native helpers and maps, compiled by clang -O3 together with a loop over bursts, and called once per burst. */
final class NativeProgram implements BurstProcessor, AutoCloseable {
    private static final String COMPILER = "clang-19";
    /** Programs read what they wrote as other types, as the kernel, which is built without strict aliasing, allows. */
    private static final List<String> OPTIONS = List.of("-O3", "-fno-strict-aliasing", "-fPIC", "-shared", "-fvisibility=hidden", "-std=gnu17",
                    "-Wl,-z,defs");

    /** Takes the function and a burst's address; with constant handle and plain addresses a call costs some 5 ns. */
    @SuppressWarnings("restricted")
    private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

    private final Arena library = Arena.ofConfined();
    private final MemorySegment runBurst;

    /** @throws MissingException if there is no such compiler, or it cannot compile the program */
    @SuppressWarnings("restricted")
    NativeProgram(Workload workload) throws MissingException {
        try {
            Path folder = Files.createTempDirectory("trufflebpf-bench");
            Path file = folder.resolve(workload.name() + ".so");
            try {
                compile(workload, file);
                runBurst = SymbolLookup.libraryLookup(file, library).findOrThrow("run_burst");
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compile(Workload workload, Path target) throws IOException, MissingException {
        Path root = workload.folder().getParent();
        Path own = root.resolve("bench/src/main/c");
        ProcessBuilder builder = new ProcessBuilder(COMPILER);
        builder.command().addAll(OPTIONS);
        builder.command().addAll(List.of("-I" + own, "-I" + workload.folder().resolve("include"), "-DSOURCE=\"" + workload.source() + "\"",
                        "-DPROGRAM=" + workload.name(), own.resolve("burst.c").toString(), "-o", target.toString()));
        Process process;
        try {
            process = builder.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MissingException("no " + COMPILER);
        }
        String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new MissingException(COMPILER + ": " + messages.lines().findFirst().orElse("failed"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MissingException("interrupted");
        }
    }

    static Contestant contestant(Workload workload) throws MissingException {
        NativeProgram program = new NativeProgram(workload);
        return new BurstContestant(workload, program, program::close);
    }

    @Override
    public void process(Burst burst) {
        try {
            CALL.invokeExact(runBurst, burst.address());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int[] redirectGroup(int handle) {
        throw new UnsupportedOperationException("native programs redirect nowhere");
    }

    @Override
    public void close() {
        library.close();
    }
}
