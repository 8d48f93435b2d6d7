package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the C files of {@code bench/src/main/c}, compiled by clang -O3 and loaded. The thread that made it closes it. */
final class NativeLibrary implements AutoCloseable {
    private static final String COMPILER = "clang-19";
    /** Programs read what they wrote as other types, as the kernel, which is built without strict aliasing, allows. */
    private static final List<String> OPTIONS = List.of("-O3", "-fno-strict-aliasing", "-fPIC", "-shared", "-fvisibility=hidden", "-std=gnu17",
                    "-Wno-pass-failed", "-Wl,-z,defs");

    private final Arena arena = Arena.ofConfined();
    private final SymbolLookup symbols;

    /**
     * @param options of the compiler
     * @throws MissingException if there is no such compiler, or it cannot compile the file
     */
    @SuppressWarnings("restricted")
    NativeLibrary(String source, List<String> options) throws MissingException {
        try {
            Path folder = Files.createTempDirectory("trufflebpf-bench");
            Path file = folder.resolve("library.so");
            try {
                compile(Checkout.root().resolve("bench/src/main/c"), source, options, file);
                symbols = SymbolLookup.libraryLookup(file, arena);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compile(Path folder, String source, List<String> options, Path target) throws IOException, MissingException {
        List<String> command = new ArrayList<>(List.of(COMPILER, "-I" + folder, folder.resolve(source).toString(), "-o", target.toString()));
        command.addAll(OPTIONS);
        command.addAll(options);
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MissingException("native: no " + COMPILER);
        }
        String messages = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new MissingException("native: " + messages.lines().filter(line -> line.contains("error:")).findFirst().orElse(COMPILER + " failed"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MissingException("native: interrupted");
        }
    }

    MemorySegment function(String name) {
        return symbols.findOrThrow(name);
    }

    @Override
    public void close() {
        arena.close();
    }
}
