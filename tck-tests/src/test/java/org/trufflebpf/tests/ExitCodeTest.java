package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of exit codes: what users see when something is wrong. */
class ExitCodeTest {
    /** w0 = 1 and exit, the end of xdp_drop. */
    private static final String RETURN_DROP = "b4000000010000009500000000000000";

    @TempDir
    static Path folder;

    @BeforeAll
    static void makeFiles() throws IOException {
        // Builds first if need be, so that no test sees the line that says so.
        Command.ebpf("--version");
        Files.writeString(folder.resolve("text"), "This is no object file and no capture.\n");
        byte[] header = new byte[64];
        System.arraycopy(HexFormat.of().parseHex("7f454c46020201000000000000000000000100f700000001"), 0, header, 0, 24);
        Files.write(folder.resolve("bigendian.o"), header);
        byte[] capture = Files.readAllBytes(Project.SAMPLE_CAPTURE);
        Files.write(folder.resolve("cut.pcap"), Arrays.copyOf(capture, capture.length - 5));
        String object = new String(Files.readAllBytes(Project.DROP), StandardCharsets.ISO_8859_1);
        String code = new String(HexFormat.of().parseHex(RETURN_DROP), StandardCharsets.ISO_8859_1);
        assertTrue(object.contains(code), "xdp_drop.o is not what this test thinks");
        String noExit = new String(HexFormat.of().parseHex(RETURN_DROP.replace("95", "b4")), StandardCharsets.ISO_8859_1);
        Files.write(folder.resolve("rejected.o"), object.replace(code, noExit).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static List<String> arguments(String line) {
        return Arrays.stream(line.split(" "))
                .map(word -> word.replace("DROP", Project.DROP.toString()))
                .map(word -> word.replace("SAMPLE", Project.SAMPLE_CAPTURE.toString()))
                .map(word -> word.replace("TMP", folder.toString()))
                .toList();
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @CsvSource(delimiter = '|', textBlock = """
            2   | run                                                  | no object file to run
            2   | run DROP                                             | no port: add --port with pcap:FILE, gen:PACKET, xsk:INTERFACE, dpdk:DEVICE or tap:NAME
            2   | --hepl                                               | unknown option --hepl (did you mean --help?)
            2   | dissasm DROP                                         | unknown command dissasm (did you mean disasm?)
            2   | run DROP --prot pcap:SAMPLE                          | unknown option --prot (did you mean --port?)
            2   | run DROP --ebpf.MaxMapMemry=5                         | unknown option --ebpf.MaxMapMemry (did you mean --ebpf.MaxMapMemory?)
            2   | run DROP --ebpf.MaxMapMemory=0                        | --ebpf.MaxMapMemory=0: must be at least 1
            2   | run DROP --ebpf.MaxLoopIterations=-1                  | --ebpf.MaxLoopIterations=-1: must be at least 1
            2   | run DROP --port pcap:SAMPLE --ebpf.Kconfig=TMP/text   | line 1: expected NAME=VALUE as in /boot/config
            74  | run DROP --port pcap:SAMPLE --ebpf.Kconfig=TMP/none   | cannot be read
            74  | run DROP --port pcap:SAMPLE --ebpf.TargetBtf=TMP/none | cannot be read
            2   | --log.level=loud run DROP                            | --log.level=loud: the level must be one of OFF,
            1   | run DROP --port xsk:none0                            | xsk:none0: there is no such interface
            2   | run DROP --port pcap:SAMPLE --program none           | the object has no such program, but xdp_drop
            74  | run TMP/none.o --port pcap:SAMPLE                    | none.o: cannot be read: no such file
            74  | run DROP --port pcap:TMP/none.pcap                   | none.pcap: cannot be read: no such file
            74  | run DROP --port pcap:TMP                             | cannot be read: is a folder
            1   | run TMP/text --port pcap:SAMPLE                      | ELF
            1   | run TMP/bigendian.o --port pcap:SAMPLE               | big-endian
            1   | run TMP/rejected.o --port pcap:SAMPLE                | xdp_drop
            1   | run DROP --port pcap:TMP/text                        | not a capture
            2   | run DROP --port pcap:SAMPLE,out=TMP/x.pcap --port pcap:SAMPLE,out=TMP/./x.pcap | x.pcap would be written twice, as
            2   | run DROP --port pcap:TMP/cut.pcap,out=TMP/./cut.pcap | cut.pcap is what the run reads: give the output a file of its own
            1   | run DROP --port pcap:SAMPLE --coverage --coverage.OutputFile=TMP/none/lcov | lcov: cannot be written: no such file or folder
            1   | run DROP --port pcap:SAMPLE --log.file=TMP/none/log  | log: cannot be written: no such file or folder
            2   | run -h                                               | unknown option -h (did you mean --help?)
            1   | run DROP --port pcap:SAMPLE,out=TMP/none/out.pcap    | out.pcap: cannot be written: no such file or folder
            1   | run DROP --port pcap:SAMPLE --stats none --map-dump /dev/full | /dev/full: cannot be written: No space left on device
            1   | run DROP --port pcap:SAMPLE --stats none --pass /dev/full | /dev/full: cannot be written: No space left on device
            0   | --vm.XX:-EnableJVMCI DROP --port pcap:SAMPLE --stats none | there is no Graal compiler
            1   | conformance-plugin --jit                             | unknown argument --jit
            """)
    void errorsAreOneLine(int exitCode, String line, String message) {
        Command.Result result = Command.ebpf(arguments(line));
        assertEquals(exitCode, result.exitCode(), result.toString());
        assertTrue(result.errors().startsWith("ebpf: ") && result.errors().contains(message), result.errors());
        assertEquals(1, result.errors().lines().count(), result.errors());
        assertFalse(result.errors().contains("Exception"), result.errors());
        assertEquals("", result.output());
    }

    @Test
    void nothingToDoIsWrongUsage() {
        Command.Result result = Command.ebpf();
        assertEquals(2, result.exitCode());
        assertEquals("ebpf: nothing to do: name an object file and a port, or see ebpf --help", result.errors().strip());
    }

    @Test
    void cutCaptureIsProcessedAsFarAsItGoes() throws IOException {
        Path dump = folder.resolve("dump.json");
        Command.Result result = Command.ebpf(arguments("DROP --port pcap:TMP/cut.pcap --stats json --map-dump " + dump));
        assertEquals(1, result.exitCode(), result.toString());
        assertTrue(result.errors().startsWith("ebpf: ") && result.errors().contains("cut.pcap: at byte "), result.errors());
        assertTrue(result.output().startsWith("{\"program\":\"xdp_drop\""), result.output());
        assertTrue(Files.readString(dump).startsWith("["));
    }

    @Test
    void failedRunLeavesNothingBehind() throws IOException {
        Path output = Files.createDirectory(folder.resolve("clean"));
        Command.Result result = Command.ebpf(arguments("TMP/rejected.o --port pcap:SAMPLE,out=TMP/clean/out.pcap"));
        assertEquals(1, result.exitCode());
        try (var files = Files.list(output)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void versionNamesLanguageGraalAndJava() {
        Command.Result result = Command.ebpf("--version");
        assertEquals(0, result.exitCode(), result.errors());
        assertTrue(result.output().matches("TruffleBPF \\S+ \\(GraalVM CE 25\\.\\S+, Java 25.*\\)\\R"), result.output());
        Command.Result shown = Command.ebpf(arguments("--show-version run DROP --port pcap:SAMPLE --stats json"));
        assertEquals(0, shown.exitCode(), shown.errors());
        assertTrue(shown.output().startsWith(result.output() + "{\"program\":\"xdp_drop\","), shown.output());
    }

    @Test
    void standardOptionsOfLanguageLaunchersWork() {
        Command.Result versions = Command.ebpf("--version:graalvm");
        assertEquals(0, versions.exitCode(), versions.errors());
        for (String installed : List.of("eBPF", "JavaScript", "Code Coverage", "CPU Sampler", "CPU Tracer", "Debug Protocol Server",
                "Chrome Inspector")) {
            assertTrue(versions.output().contains("    " + installed + " "), installed + " is missing: " + versions.output());
        }
        Command.Result help = Command.ebpf("--help:all");
        assertEquals(0, help.exitCode(), help.errors());
        for (String option : List.of("--ebpf.Verify=", "--engine.", "--cpusampler", "--coverage", "--dap", "--inspect")) {
            assertTrue(help.output().contains(option), option + " is missing");
        }
        Command.Result quiet = Command.ebpf(arguments("--log.level=SEVERE --engine.WarnInterpreterOnly=false DROP --port pcap:SAMPLE --stats none"));
        assertEquals(new Command.Result(0, "", ""), quiet);
    }
}
