package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packets take no memory: a run over a million frames takes what one over a few does. */
class MillionFramesTest {
    private static final int FEW = 50_000;
    private static final int MANY = 1_000_000;
    /** Of several buffers. */
    private static final int MANY_LONG = 300_000;
    private static final int LENGTH = 64;
    private static final Pattern RECEIVED = Pattern.compile("\"received\":\\{\"packets\":(\\d+)");
    /** Off the heap, in KiB: less than a byte for each frame. */
    private static final long MAX_GROWTH = 16 << 10;
    /** On the heap, in bytes: less than one for two frames. */
    private static final long MAX_MORE_ALLOCATED = MANY / 2;

    @Test
    void memoryStaysFlat(@TempDir Path folder) throws IOException {
        Path few = capture(folder.resolve("few.pcap"), FEW);
        Path many = capture(folder.resolve("many.pcap"), MANY);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            long allocatedByFew = 0;
            for (int i = 0; i < 3; i++) {
                allocatedByFew = allocated(context, few);
            }
            long before = anonymousMemory();
            long allocatedByMany = allocated(context, many);
            long growth = anonymousMemory() - before;
            assertTrue(growth < MAX_GROWTH, "the process grew by " + growth + " KiB");
            assertTrue(allocatedByMany - allocatedByFew < MAX_MORE_ALLOCATED, allocatedByMany + " bytes on the heap, " + allocatedByFew
                    + " for few frames");
        }
        String text = output.toString(StandardCharsets.UTF_8);
        assertEquals(List.of(FEW, FEW, FEW, MANY), RECEIVED.matcher(text).results().map(match -> Integer.valueOf(match.group(1))).toList(), text);
    }

    /** Those of several buffers, which ports gather, and which the program reads and writes by helpers. */
    @Test
    void longPacketsTakeNoneEither() {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build()) {
            long allocatedByFew = 0;
            for (int i = 0; i < 3; i++) {
                allocatedByFew = allocatedByLong(context, FEW);
            }
            long more = allocatedByLong(context, MANY_LONG) - allocatedByFew;
            assertTrue(more < MANY_LONG / 2, more + " more bytes on the heap than " + allocatedByFew + " for few packets");
        }
        String text = output.toString(StandardCharsets.UTF_8);
        assertEquals(List.of(FEW, FEW, FEW, MANY_LONG), RECEIVED.matcher(text).results().map(match -> Integer.valueOf(match.group(1))).toList(), text);
        assertTrue(text.contains("\"tx\":{\"packets\":" + MANY_LONG + ","), text);
    }

    private static long allocatedByLong(Context context, int packets) {
        Path object = Project.TEST_PROGRAMS.resolve("helpers").resolve("fragments.o");
        return allocated(context, object, "gen:eth / ipv4 / udp / payload 9000 bytes,count=" + packets, "--program=marks");
    }

    private static long allocated(Context context, Path capture) {
        Path object = Project.PROGRAMS.resolve("xdp_map_access").resolve("xdp_map_access.o");
        return allocated(context, object, "pcap:" + capture, "--workers=1");
    }

    /** Bytes on the heap by all threads of a run. */
    private static long allocated(Context context, Path object, String port, String option) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getTotalThreadAllocatedBytes();
        context.getBindings("ebpf").invokeMember("run", object.toString(), "--port", port, "--stats=json", option);
        return threads.getTotalThreadAllocatedBytes() - before;
    }

    /** Of this process, in KiB; without the pages of mapped files, which are the system's. */
    private static long anonymousMemory() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(text -> text.startsWith("RssAnon:")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static Path capture(Path file, int frames) throws IOException {
        byte[] one = Files.readAllBytes(Project.capture(file, List.of("00".repeat(LENGTH))));
        ByteBuffer record = ByteBuffer.wrap(one, Project.CAPTURE_HEADER, one.length - Project.CAPTURE_HEADER).slice().order(ByteOrder.LITTLE_ENDIAN);
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            stream.write(one, 0, Project.CAPTURE_HEADER);
            for (int i = 0; i < frames; i++) {
                record.putInt(0, i).putInt(40, i);
                stream.write(one, Project.CAPTURE_HEADER, record.capacity());
            }
        }
        return file;
    }
}
