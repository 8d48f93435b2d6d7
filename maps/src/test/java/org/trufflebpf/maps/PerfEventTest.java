package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Perf event arrays: the kernel's answers, and streams per CPU with what was lost. */
final class PerfEventTest {
    private static final long CURRENT = 0xFFFF_FFFFL;
    private static final int PACKET = 64;
    private static final int RING = 64 << 10;

    /** A call of bpf_perf_event_output with so many bytes. */
    private record Call(long flags, int size) {
    }

    private static PerfEventMap map(long maxEntries, int cpus) {
        return (PerfEventMap) MapFactory.create(new MapDefinition("m", MapKind.PERF_EVENT_ARRAY, 4, 4, maxEntries, 0), 1, cpus, Codec.untyped(4),
                Codec.untyped(4));
    }

    /** An event that programs of that CPU can send to, with a ring. */
    private static long open(int cpu) {
        try (NativeBlock attributes = new NativeBlock(128)) {
            long address = attributes.address();
            Memory.fill(address, 128, (byte) 0);
            Memory.putInt(address, 1); // PERF_TYPE_SOFTWARE
            Memory.putInt(address + 4, 128);
            Memory.putLong(address + 8, 10); // PERF_COUNT_SW_BPF_OUTPUT
            Memory.putLong(address + 16, 1); // every event
            Memory.putLong(address + 24, 1 << 10); // PERF_SAMPLE_RAW
            return Kernel.call(298, address, -1, cpu, -1, 0, 0);
        }
    }

    private static byte[] program(List<Call> calls, int events, int pattern, int results) {
        // r6 keeps the context
        Code code = new Code().move(6, 1);
        for (int i = 0; i < calls.size(); i++) {
            code.move(1, 6).map(2, events).set(3, calls.get(i).flags).value(4, pattern).set(5, calls.get(i).size).call(25).value(1, results)
                    .store(1, 8 * i, 0);
        }
        return code.exit().bytes();
    }

    @Test
    void answersAreTheKernels() throws BpfException {
        assumeTrue(Bpf.available(), "skipped: " + Bpf.reason());
        List<Call> calls = List.of(new Call(CURRENT, 0), new Call(CURRENT, 1), new Call(CURRENT, 100), new Call(CURRENT | 64L << 32, 8),
                new Call(CURRENT | 65L << 32, 8), new Call(CURRENT | 20L << 32, 3), new Call(CURRENT | 0xFFFFFL << 32, 8),
                new Call(CURRENT | 1L << 52, 8), new Call(-1, 8), new Call(100, 8), new Call(8, 8), new Call(9, 8), new Call(0xFFFF_FFFEL, 8));
        int cpus = Kernel.possibleCpus();
        byte[] pattern = new byte[1024];
        new Random(5).nextBytes(pattern);
        byte[] packet = Arrays.copyOf(pattern, PACKET);
        for (boolean opened : new boolean[] {false, true}) {
            try (KernelMap events = KernelMap.create(4, 4, 4, 9); KernelMap patterns = KernelMap.create(2, 4, pattern.length, 1);
                    KernelMap results = KernelMap.create(2, 4, 800, 1); PerfEventMap ours = map(9, cpus); NativeBlock block = new NativeBlock(2048)) {
                patterns.update(new byte[4], pattern, 0);
                Memory.copyFrom(pattern, 0, block.address(), pattern.length);
                Memory.copyFrom(packet, 0, block.address() + 1024, PACKET);
                List<Long> descriptors = new ArrayList<>();
                List<Long> rings = new ArrayList<>();
                for (int cpu = 0; opened && cpu < cpus; cpu++) {
                    long event = open(cpu);
                    assumeTrue(event >= 0, "skipped: perf_event_open gives " + event);
                    descriptors.add(event);
                    rings.add(Kernel.map(event, 0, 4096 + RING, 3));
                    events.update(ArrayIndex.key(cpu), ArrayIndex.key(event), 0);
                }
                if (opened) {
                    ours.open();
                }
                try (KernelProgram program = KernelProgram.load(program(calls, events.fd(), patterns.fd(), results.fd()), "GPL", "perf")) {
                    program.run(packet);
                }
                ByteBuffer wanted = ByteBuffer.wrap(results.lookup(new byte[4])).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < calls.size(); i++) {
                    Call call = calls.get(i);
                    assertEquals(wanted.getLong(8 * i), ours.output(call.flags, block.address(), call.size, block.address() + 1024, PACKET, 0),
                            call.toString());
                }
                for (long ring : rings) {
                    compare(ring, ours);
                    Kernel.unmap(ring, 4096 + RING);
                }
                assertNull(ours.take());
                descriptors.forEach(Kernel::close);
            }
        }
    }

    /** The events of one of the kernel's rings; perf pads each with zeros to 8 bytes, its own length field included. */
    private static void compare(long ring, PerfEventMap ours) {
        long head = Memory.getLongVolatile(ring + 1024);
        for (long position = 0; position < head; position += Short.toUnsignedInt(Memory.getShort(ring + 4096 + position + 6))) {
            long record = ring + 4096 + position;
            assertEquals(9, Memory.getInt(record), "PERF_RECORD_SAMPLE");
            byte[] padded = Memory.bytes(record + 12, Memory.getInt(record + 8));
            byte[] bytes = ours.take().bytes();
            assertEquals((bytes.length + 4 + 7 & -8) - 4, padded.length);
            assertArrayEquals(Arrays.copyOf(padded, bytes.length), bytes);
        }
    }

    @Test
    void otherCpus() {
        try (PerfEventMap map = map(3, 2); NativeBlock block = new NativeBlock(64)) {
            map.open();
            assertEquals(2, map.size());
            long data = block.address();
            assertEquals(-Errno.EOPNOTSUPP, map.output(0, data, 8, 0, 0, 1));
            assertEquals(0, map.output(1, data, 8, 0, 0, 1));
            assertEquals(-Errno.ENOENT, map.output(2, data, 8, 0, 0, 1));
            assertEquals(-Errno.E2BIG, map.output(3, data, 8, 0, 0, 1));
            assertEquals(0, map.output(CURRENT, data, 9, 0, 0, 0));
            EventStream.Event first = map.take();
            EventStream.Event second = map.take();
            assertEquals(1, first.cpu() + second.cpu());
            assertEquals(8 + first.cpu() * -1 + 1, first.bytes().length);
            assertTrue(map.remove(ArrayIndex.key(1)));
            assertFalse(map.remove(ArrayIndex.key(1)));
            assertEquals(-Errno.ENOENT, map.output(CURRENT, data, 8, 0, 0, 1));
            assertEquals(Errno.E2BIG, assertThrows(MapException.class, () -> map.remove(ArrayIndex.key(3))).errno());
            assertEquals(Errno.EBADF, assertThrows(MapException.class, () -> map.put(ArrayIndex.key(0), new byte[4], 0)).errno());
            assertEquals(Errno.ENOTSUPP, assertThrows(MapException.class, () -> map.get(ArrayIndex.key(0))).errno());
        }
    }

    @Test
    void lostEventsAreCounted() throws InterruptedException {
        try (PerfEventMap map = map(2, 2); NativeBlock block = new NativeBlock(1000)) {
            map.open();
            int sent = 0;
            while (map.output(CURRENT, block.address(), 1000, 0, 0, 1) == 0) {
                sent++;
            }
            for (int i = 0; i < 4; i++) {
                assertEquals(-Errno.ENOSPC, map.output(CURRENT, block.address(), 1000, 0, 0, 1));
            }
            assertEquals(5, map.lost(1));
            assertEquals(5, map.lost());
            assertTrue(map.await(0));
            for (int i = 0; i < sent; i++) {
                assertEquals(0, map.take().lost());
            }
            assertNull(map.take());
            assertFalse(map.await(1000));
            assertEquals(-Errno.ENOSPC, map.output(CURRENT, block.address(), Long.MAX_VALUE, 0, 0, 1));
            assertEquals(-Errno.ENOSPC, map.output(CURRENT, block.address(), -1, 0, 0, 1));
            assertEquals(0, map.output(CURRENT, block.address(), 10, block.address(), 0, 1));
            assertEquals(7, map.take().lost());
            assertEquals(0, map.output(CURRENT, block.address(), 10, block.address(), 0, 1));
            assertEquals(0, map.take().lost());
        }
    }
}
