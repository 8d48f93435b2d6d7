package org.trufflebpf.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.ByteSequence;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureReader;

/** The files of the project that tests read. */
public final class Project {
    public static final Path ROOT = Path.of(System.getProperty("basedir", "tck-tests")).toAbsolutePath().getParent();
    public static final Path PROGRAMS = ROOT.resolve("xdp_progs");
    /** Programs that only the tests have: one for each helper and each kind of map. */
    public static final Path TEST_PROGRAMS = ROOT.resolve("tck-tests").resolve("src").resolve("test").resolve("programs");
    /** What the benchmarks do to maps. */
    public static final Path BENCH_PROGRAMS = ROOT.resolve("bench").resolve("src").resolve("main").resolve("bpf");
    public static final Path DROP = program("xdp_drop");
    public static final Path SAMPLE_CAPTURE = PROGRAMS.resolve("samples").resolve("mixed.pcap");
    /** Bytes of a capture before its first packet. */
    public static final int CAPTURE_HEADER = 24;

    private Project() {
    }

    /** The object of a network function. */
    public static Path program(String name) {
        return PROGRAMS.resolve(name).resolve(name + ".o");
    }

    /** An object file as embedders without access to files give it. */
    public static Source source(Path object) throws IOException {
        return source(Files.readAllBytes(object), object.getFileName().toString());
    }

    public static Source source(byte[] object, String name) {
        return Source.newBuilder("ebpf", ByteSequence.create(object), name).mimeType("application/x-bpf-elf").buildLiteral();
    }

    /** Writes a capture without packets. */
    public static Path emptyCapture(Path file) throws IOException {
        return capture(file, List.of());
    }

    /** Writes a capture of packets, in hexadecimal digits. */
    public static Path capture(Path file, List<String> packets) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CAPTURE_HEADER + packets.stream().mapToInt(packet -> 16 + packet.length() / 2).sum())
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(CaptureReader.MAX_PACKET).putInt(1);
        for (String packet : packets) {
            byte[] content = HexFormat.of().parseHex(packet);
            bytes.putLong(0).putInt(content.length).putInt(content.length).put(content);
        }
        return Files.write(file, bytes.array());
    }

    /** All files under {@code folder} whose names end like this, in order. */
    public static List<Path> files(Path folder, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }

    /** The packets of a capture, in hexadecimal digits. */
    public static List<String> packets(Path capture) throws IOException {
        List<String> packets = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(capture); NativeBlock block = new NativeBlock(CaptureReader.MAX_PACKET)) {
            while (reader.next()) {
                reader.copyTo(block.address());
                packets.add(HexFormat.of().formatHex(Memory.bytes(block.address(), reader.length())));
            }
        }
        return packets;
    }
}
