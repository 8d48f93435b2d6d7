package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.packettest.TestCommand;
import org.trufflebpf.language.packettest.TestFiles;
import org.trufflebpf.language.run.PacketTestEngine;
import org.trufflebpf.tests.specialization.SpecializingMachine;

/**
 * All packet tests of the programs and of helpers and maps, and the example of the manual, pass on every engine; the kernel says that what they want
 * is right.
 */
class PacketTestsTest {
    private static final Pattern EXAMPLE = Pattern.compile("```ptest\n(.*?)```", Pattern.DOTALL);
    private static final Path MANUAL = Project.ROOT.resolve("docs").resolve("packet-tests.md");

    @TempDir
    private static Path folder;

    private enum EngineKind {
        INTERPRETER, COMPILED, SPECIALIZED,
        /** As that one, but each program of helpers and maps is cut into parts of a few instructions, as large ones are into parts of thousands. */
        SPECIALIZED_IN_PARTS {
            @Override
            boolean takes(Path file) {
                return file.startsWith(Project.TEST_PROGRAMS);
            }
        },
        KERNEL;

        boolean takes(@SuppressWarnings("unused") Path file) {
            return true;
        }
    }

    private static Path extractExample() throws IOException {
        Matcher matcher = EXAMPLE.matcher(Files.readString(MANUAL));
        assertEquals(1, matcher.results().count(), "examples in " + MANUAL);
        matcher.reset();
        matcher.find();
        // Paths in a test file are relative to it; the example is written as if it lay beside the manual.
        Path example = folder.resolve("example.ptest");
        return Files.writeString(example, matcher.group(1).replace("../xdp_progs", Project.PROGRAMS.toString()));
    }

    /** Each in a context of its own, so several at once. */
    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    Stream<DynamicTest> allFilesOnAllEngines() throws IOException {
        List<Path> files = new ArrayList<>(Project.files(Project.PROGRAMS, ".ptest"));
        files.addAll(Project.files(Project.TEST_PROGRAMS, ".ptest"));
        files.add(extractExample());
        return Stream.of(EngineKind.values()).flatMap(engine -> files.stream().filter(engine::takes).map(file -> {
            String name = engine + " " + file.getFileName() + " of " + file.getParent().getFileName();
            return DynamicTest.dynamicTest(name, () -> check(engine, file));
        }));
    }

    private static void check(EngineKind engine, Path file) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int exitCode = switch (engine) {
            case INTERPRETER -> run(output, file.toString());
            case COMPILED -> run(output, "--compile", file.toString());
            case SPECIALIZED -> specialized(output, file.toString(), Map.of());
            case SPECIALIZED_IN_PARTS -> specialized(output, file.toString(), Map.of("ebpf.PartLimit", "12"));
            case KERNEL -> {
                assumeTrue(Bpf.available(), Bpf.reason());
                assumeTrue(KernelVersion.current().isAtLeast(6, 13), "before Linux 6.13 bpf_csum_diff gave other numbers");
                PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
                yield TestCommand.run(List.of(file.toString()), TestFiles.ofProcess(), stream, stream, compile -> new KernelEngine());
            }
        };
        String text = output.toString(StandardCharsets.UTF_8);
        assertEquals(0, exitCode, text);
        // Only frames without a whole Ethernet header, which no kernel ever gives a program.
        assertFalse(engine != EngineKind.KERNEL && text.contains("SKIPPED"), text);
    }

    /** By programs that take for constant what their maps hold, whenever they can. */
    private static int specialized(ByteArrayOutputStream output, String file, Map<String, String> options) {
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).allowExperimentalOptions(true).options(options).out(output).err(output)
                .build()) {
            context.initialize("ebpf");
            context.enter();
            try {
                SpecializingMachine machine = new SpecializingMachine(EbpfContext.machine());
                return TestCommand.run(List.of(file), TestFiles.ofProcess(), stream, stream, compile -> new PacketTestEngine(machine, false));
            } finally {
                context.leave();
            }
        }
    }

    /** As {@code ebpf test} does. */
    private static int run(ByteArrayOutputStream output, String... arguments) {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            return context.getBindings("ebpf").getMember("test").execute((Object[]) arguments).asInt();
        }
    }
}
