package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.language.packettest.TestEngine.FailedException;
import org.trufflebpf.language.packettest.TestEngine.Input;
import org.trufflebpf.language.packettest.TestEngine.Result;
import org.trufflebpf.language.packettest.TestEngine.Session;
import org.trufflebpf.language.run.PacketTestEngine;

/** Packets of several buffers: what programs can do with them, in any order, gives the same answers and bytes as in the kernel. */
class FragmentsTest {
    private static final Path OBJECT = Project.TEST_PROGRAMS.resolve("helpers").resolve("fragments.o");
    private static final int STEPS = 16;
    private static final int RESULTS = 64;
    private static final int HEAD = 1;
    private static final int TAIL = 2;
    private static final int META = 3;
    private static final int PULL = 4;
    /** Slices. */
    private static final int CHANGE = 8;
    private static final int KINDS = 14;
    /** Offsets in packets at which buffers end, and what helpers take at most. */
    private static final int[] ENDS = {0, 14, Burst.LONGEST_PACKET, Burst.LONGEST_PACKET + 4096, Burst.LONGEST_PACKET + 2 * 4096, 0xffff};

    private final Random random = new Random(6);

    @ParameterizedTest
    @CsvSource({"false, 300", "true, 3000"})
    void anySequenceOfCallsDoesAsInTheKernel(boolean compiled, int runs) throws IOException, FailedException {
        assumeTrue(Bpf.available(), Bpf.reason());
        assumeTrue(KernelVersion.current().isAtLeast(6, 18), "before Linux 6.18 there is no bpf_xdp_pull_data");
        byte[] object = Files.readAllBytes(OBJECT);
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            context.initialize("ebpf");
            context.enter();
            try (Session kernel = new KernelEngine().load(object, "fragments.o", "scripted");
                    Session ours = new PacketTestEngine(EbpfContext.machine(), compiled).load(object, "fragments.o", "scripted")) {
                for (int run = 0; run < runs; run++) {
                    compare(kernel, ours);
                }
            } finally {
                context.leave();
            }
        }
    }

    private void compare(Session kernel, Session ours) throws FailedException {
        Input input = new Input(packet(length()), random.nextInt(4) == 0 ? packet(4 * random.nextInt(9)) : new byte[0]);
        List<String> script = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int kind = random.nextInt(3) == 0 ? TAIL : 1 + random.nextInt(KINDS);
            int value = value(kind);
            if (kind == CHANGE && value > 0xffff - 32) {
                // The kernel writes nothing there.
                value = 0;
            }
            script.add(kind + " " + value);
            byte[] argument = bytes((long) kind << 32 | value & 0xffff_ffffL);
            kernel.write("arguments", key(step), argument, false);
            ours.write("arguments", key(step), argument, false);
        }
        String what = input.packet().length + " bytes, " + input.metadata().length + " of metadata: " + script;
        Result wanted = kernel.run(input);
        Result got = ours.run(input);
        for (int i = 0; i < RESULTS; i++) {
            assertEquals(number(kernel, i), number(ours, i), "result " + i + " of " + what);
        }
        assertEquals(wanted.returned(), got.returned(), what);
        assertArrayEquals(wanted.metadata(), got.metadata(), what);
        assertArrayEquals(wanted.packet(), got.packet(), what);
    }

    private int length() {
        return switch (random.nextInt(8)) {
            case 0 -> 14 + random.nextInt(Burst.LONGEST_PACKET - 200);
            case 1 -> Burst.LONGEST_PACKET - 4 + random.nextInt(10);
            case 2 -> 14 + random.nextInt(60_000);
            case 3 -> Burst.LONGEST_JUMBO - random.nextInt(4200);
            default -> ENDS[2 + random.nextInt(3)] - 20 + random.nextInt(300);
        };
    }

    private int value(int kind) {
        return switch (kind) {
            case HEAD -> random.nextInt(5) == 0 ? random.nextInt(8000) - 4000 : random.nextInt(120) - 60;
            case TAIL -> switch (random.nextInt(4)) {
                case 0 -> random.nextInt(9000) - 4500;
                case 1 -> -random.nextInt(70_000);
                default -> random.nextInt(400) - 200;
            };
            case META -> 4 * (random.nextInt(20) - 10) + (random.nextInt(10) == 0 ? 1 : 0);
            case PULL -> random.nextInt(5) == 0 ? random.nextInt(70_000) : Burst.LONGEST_PACKET - 100 + random.nextInt(300);
            default -> switch (random.nextInt(6)) {
                case 0 -> random.nextInt(70_000);
                case 1 -> -random.nextInt(300);
                default -> Math.max(0, ENDS[random.nextInt(ENDS.length)] - 300 + random.nextInt(400));
            };
        };
    }

    private byte[] packet(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] key(int index) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(index).array();
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    private static long number(Session session, int index) throws FailedException {
        return ByteBuffer.wrap(session.read("results", key(index)).getFirst()).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** Where the kernel refuses such a packet for a program without fragments, so do packet tests here. */
    @Test
    void aProgramWithoutFragmentsTakesOneBuffer() throws IOException, FailedException {
        byte[] object = Files.readAllBytes(OBJECT);
        Input longest = new Input(packet(Burst.LONGEST_PACKET), new byte[0]);
        Input longer = new Input(packet(Burst.LONGEST_PACKET + 1), new byte[0]);
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            context.initialize("ebpf");
            context.enter();
            try (Session ours = new PacketTestEngine(EbpfContext.machine(), false).load(object, "fragments.o", "sends")) {
                assertEquals(Burst.LONGEST_PACKET, ours.run(longest).packet().length);
                assertThrows(TestEngine.UnsupportedException.class, () -> ours.run(longer));
            } finally {
                context.leave();
            }
        }
    }
}
