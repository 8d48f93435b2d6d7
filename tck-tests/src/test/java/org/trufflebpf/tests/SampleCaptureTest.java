package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.packettest.TestEngine;

/**
 * The sample capture, and what the kernel makes of it: a packet test file mixed.ptest for each program, with the verdict and bytes of every
 * frame and the maps at the end, which {@link PacketTestsTest} runs on all engines. With -Dpacket-tests.record the files are written anew.
 */
class SampleCaptureTest {
    private static final String RECORD = "packet-tests.record";

    @Test
    void theScriptMakesTheCapture(@TempDir Path folder) throws IOException, InterruptedException {
        Path made = folder.resolve("mixed.pcap");
        Path script = Project.PROGRAMS.resolve("samples").resolve("MakeSamples.java");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), script.toString(), made.toString())
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        assertArrayEquals(Files.readAllBytes(made), Files.readAllBytes(Project.SAMPLE_CAPTURE), "run " + script);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_csum", "xdp_maps"})
    void theKernelStillAnswersAsRecorded(String program) throws IOException, TestEngine.FailedException {
        assumeTrue(Bpf.available(), Bpf.reason());
        assumeTrue(KernelVersion.current().isAtLeast(6, 13), "before Linux 6.13 bpf_csum_diff gave other numbers");
        Path folder = Project.PROGRAMS.resolve(program);
        StringBuilder text = new StringBuilder("""
                # Generated: what the kernel makes of the sample capture, frame by frame, with its maps at the end. To write it anew, as root:
                # mvn -pl tck-tests -am test -Dtest=SampleCaptureTest -Dsurefire.failIfNoSpecifiedTests=false -Dpacket-tests.record
                """);
        for (Path object : Project.files(folder, ".o")) {
            record(object, text);
        }
        Path recorded = folder.resolve("mixed.ptest");
        if (System.getProperty(RECORD) != null) {
            Files.writeString(recorded, text);
        }
        assertEquals(text.toString(), Files.readString(recorded));
    }

    private static void record(Path object, StringBuilder text) throws IOException, TestEngine.FailedException {
        text.append("\nobject ").append(object.getFileName()).append("\n\ntest \"the sample capture\"\n");
        byte[] file = Files.readAllBytes(object);
        try (TestEngine.Session session = new KernelEngine().load(file, object.toString(), null)) {
            int number = 0;
            for (byte[] packet : frames()) {
                TestEngine.Result result = session.run(new TestEngine.Input(packet, new byte[0]));
                text.append("packet frame ").append(++number).append(" of ../samples/mixed.pcap\nexpect ")
                        .append(result.verdict()).append(differences(packet, result.packet())).append('\n');
            }
            for (MapSpec map : ((KernelEngine.KernelSession) session).maps()) {
                recordMap(session, map, text);
            }
        }
    }

    private static List<byte[]> frames() throws IOException {
        List<byte[]> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(Project.SAMPLE_CAPTURE); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (reader.next()) {
                reader.copyTo(block.address());
                ByteBuffer bytes = block.asByteBuffer();
                byte[] frame = new byte[reader.length()];
                bytes.get(frame);
                frames.add(frame);
            }
        }
        return frames;
    }

    /** The runs of bytes that differ, as test files write them. */
    private static String differences(byte[] before, byte[] after) {
        assertEquals(before.length, after.length, "these programs change no lengths");
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < before.length) {
            int start = at;
            while (at < before.length && before[at] != after[at]) {
                at++;
            }
            if (at > start) {
                text.append(' ').append(start).append('=').append(HexFormat.of().formatHex(after, start, at));
            }
            at++;
        }
        return text.isEmpty() ? " unchanged" : " bytes" + text;
    }

    /** Entries that are not zero, numbers summed over the CPUs. */
    private static void recordMap(TestEngine.Session session, MapSpec map, StringBuilder text) throws TestEngine.FailedException {
        Map<BigInteger, BigInteger> entries = new TreeMap<>();
        for (byte[] key : ((KernelEngine.KernelSession) session).keys(map.name())) {
            BigInteger sum = BigInteger.ZERO;
            for (byte[] value : session.read(map.name(), key)) {
                sum = sum.add(number(value));
            }
            entries.put(number(key), sum);
        }
        entries.forEach((key, value) -> {
            if (value.signum() != 0) {
                text.append("expect map ").append(map.name()).append('[').append(key).append("] = ").append(value).append('\n');
            }
        });
        text.append("expect map ").append(map.name()).append(" entries = ").append(entries.size()).append('\n');
    }

    private static BigInteger number(byte[] littleEndian) {
        byte[] bytes = Arrays.copyOf(littleEndian, littleEndian.length);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = littleEndian[bytes.length - 1 - i];
        }
        return new BigInteger(1, bytes);
    }
}
