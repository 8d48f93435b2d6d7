package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Ring buffers: the kernel's answers and bytes, live records, hostile programs, waking. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RingTest {
    private static final int SIZE = 4096;
    private static final int AGAIN = -Errno.EAGAIN;

    private static RingMap ring(long size) {
        return (RingMap) Subject.create(new MapDefinition("m", MapKind.RINGBUF, 0, 0, size, 0));
    }

    /** One helper call; reserve submits or discards at once, since the kernel lets no record live on. */
    private record Call(String helper, int size, int flags) {
    }

    private static List<Call> randomCalls(Random random, int count) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int size = switch (random.nextInt(8)) {
                case 0 -> SIZE - 8 - random.nextInt(20);
                case 1 -> SIZE - 16 + random.nextInt(20);
                default -> random.nextInt(700);
            };
            calls.add(switch (random.nextInt(6)) {
                case 0, 1 -> new Call("output", size, random.nextInt(5));
                case 2, 3 -> new Call("submit", Math.max(8, size), random.nextInt(3));
                case 4 -> new Call("discard", Math.max(8, size), random.nextInt(3));
                default -> new Call("query", 0, random.nextInt(6));
            });
        }
        return calls;
    }

    /** Writes results to the second array, each 8 bytes. */
    private static byte[] program(List<Call> calls, int ring, int pattern, int results) {
        Code code = new Code();
        int at = 0;
        for (Call call : calls) {
            code.map(1, ring);
            switch (call.helper) {
                case "output" -> code.value(2, pattern).set(3, call.size).set(4, call.flags).call(130).move(7, 0);
                case "query" -> code.set(2, call.flags).call(134).move(7, 0);
                // r7 = record != NULL; the first word is the call's number
                default -> code.set(2, call.size).set(3, 0).call(131).set(7, 0).skipIfZero(0, 9).set(7, 1).set(3, at).store(0, 0, 3).move(1, 0)
                        .set(2, call.flags).call(call.helper.equals("submit") ? 132 : 133);
            }
            code.value(1, results).store(1, 8 * at, 7);
            at++;
        }
        return code.exit().bytes();
    }

    private static long run(RingMap map, Call call, long pattern, int number) {
        switch (call.helper) {
            case "output" -> {
                return map.output(pattern, call.size, call.flags);
            }
            case "query" -> {
                return map.query(call.flags);
            }
            default -> {
                long record = map.reserve(call.size, 0, 1);
                if (record == 0) {
                    return 0;
                }
                assertTrue(map.ownsLive(record, call.size, 1));
                Memory.putLong(record, number);
                assertTrue(call.helper.equals("submit") ? map.submit(record, call.flags, 1) : map.discard(record, call.flags, 1));
                return 1;
            }
        }
    }

    /** The kernel's consumer, as libbpf does it. */
    private static byte[] take(long consumer, long producer, long data) {
        while (true) {
            long position = Memory.getLongVolatile(consumer);
            if (position == Memory.getLongVolatile(producer)) {
                return null;
            }
            int header = Memory.getIntVolatile(data + (position & SIZE - 1));
            int length = header & 0x3FFF_FFFF;
            byte[] record = (header & Ring.DISCARD) != 0 ? null : Memory.bytes(data + (position & SIZE - 1) + 8, length);
            Memory.putLongVolatile(consumer, position + (length + 15 & -8));
            if (record != null) {
                return record;
            }
        }
    }

    @Test
    void answersAndRecordsAreTheKernels() throws BpfException {
        assumeTrue(Bpf.available(), "skipped: " + Bpf.reason());
        Random random = new Random(7);
        byte[] pattern = new byte[8192];
        random.nextBytes(pattern);
        int outputs = 0;
        try (KernelMap kernel = KernelMap.create(27, 0, 0, SIZE); KernelMap patterns = KernelMap.create(2, 4, pattern.length, 1);
                KernelMap results = KernelMap.create(2, 4, 800, 1); RingMap ours = ring(SIZE); NativeBlock block = new NativeBlock(pattern.length)) {
            patterns.update(new byte[4], pattern, 0);
            Memory.copyFrom(pattern, 0, block.address(), pattern.length);
            long consumer = Kernel.map(kernel.fd(), 0, 4096, 3);
            long producer = Kernel.map(kernel.fd(), 4096, 4096 + 2 * SIZE, 1);
            assertTrue(consumer > 0 && producer > 0);
            for (int round = 0; round < 60; round++) {
                List<Call> calls = randomCalls(random, 20);
                try (KernelProgram program = KernelProgram.load(program(calls, kernel.fd(), patterns.fd(), results.fd()), "GPL", "ring")) {
                    program.run(new byte[64]);
                }
                byte[] wanted = results.lookup(new byte[4]);
                for (int i = 0; i < calls.size(); i++) {
                    long answer = run(ours, calls.get(i), block.address(), i);
                    assertEquals(new Bytes8(wanted, i).value(), answer, "round " + round + " " + calls.get(i));
                    outputs += calls.get(i).helper.equals("output") && answer == 0 ? 1 : 0;
                }
                for (int i = random.nextInt(12); i >= 0; i--) {
                    byte[] record = take(consumer, producer, producer + 4096);
                    EventStream.Event event = ours.take();
                    assertEquals(record == null, event == null);
                    if (record != null && !isUninitialised(record, event.bytes())) {
                        assertArrayEquals(record, event.bytes());
                    }
                }
                assertEquals(Memory.getLongVolatile(consumer), ours.query(2));
            }
            Kernel.unmap(consumer, 4096);
            Kernel.unmap(producer, 4096 + 2 * SIZE);
        }
        assertTrue(outputs > 100, outputs + " outputs");
    }

    /** Of submitted records only the first word was written. */
    private static boolean isUninitialised(byte[] kernel, byte[] ours) {
        return kernel.length == ours.length && kernel.length >= 8 && new Bytes8(kernel, 0).value() < 100 && new Bytes8(kernel, 0).value() >= 0
                && new Bytes8(kernel, 0).value() == new Bytes8(ours, 0).value();
    }

    private record Bytes8(byte[] bytes, int index) {
        long value() {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * index);
        }
    }

    @Test
    void recordsAreWholeAcrossTheEnd() {
        try (RingMap map = ring(SIZE); NativeBlock block = new NativeBlock(SIZE)) {
            Random random = new Random(1);
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[random.nextInt(SIZE - 15)];
                random.nextBytes(bytes);
                Memory.copyFrom(bytes, 0, block.address(), bytes.length);
                assertEquals(0, map.output(block.address(), bytes.length, 0));
                assertArrayEquals(bytes, map.take().bytes());
                assertNull(map.take());
            }
        }
    }

    @Test
    void onlyLiveRecordsAreOwned() {
        try (RingMap map = ring(SIZE)) {
            long first = map.reserve(100, 0, 0);
            long second = map.reserve(0, 0, 0);
            long third = map.reserve(8, 0, 1);
            assertTrue(first != 0 && second != 0 && third != 0 && first % 8 == 0);
            assertTrue(map.ownsLive(first, 100, 0) && map.ownsLive(first + 99, 1, 0) && map.ownsLive(first + 100, 0, 0) && map.ownsLive(third, 8, 1));
            for (long[] foreign : new long[][] {{first - 1, 1}, {first - 8, 8}, {first, 101}, {first + 99, 2}, {first + 100, 1}, {second, 1},
                {third, 8}, {first, -1}, {first, Long.MIN_VALUE}, {0, 1}, {-1, 1}, {Long.MAX_VALUE, Long.MAX_VALUE}}) {
                assertFalse(map.ownsLive(foreign[0], foreign[1], 0), Arrays.toString(foreign));
            }
            for (long foreign : new long[] {first + 8, first - 8, third, 0, -1, 8}) {
                assertFalse(map.submit(foreign, 0, 0) || map.discard(foreign, 0, 0));
            }
            assertNull(map.take());
            assertTrue(map.discard(first, 0, 0));
            assertFalse(map.ownsLive(first, 1, 0) || map.submit(first, 0, 0) || map.discard(first, 0, 0));
            assertTrue(map.submit(second, 0, 0));
            assertEquals(0, map.take().bytes().length);
            assertNull(map.take());
            map.discardLive(0);
            map.discardLive(1);
            assertFalse(map.ownsLive(third, 1, 1));
            assertNull(map.take());
            assertEquals(0, map.query(0));
        }
    }

    @Test
    void aProgramThatNeverSubmits() {
        try (RingMap map = ring(SIZE)) {
            for (int i = 0; i < Reservations.MAX; i++) {
                assertNotEquals(0, map.reserve(8, 0, 0));
            }
            assertEquals(0, map.reserve(8, 0, 0));
            assertEquals(0, map.reserve(8, 1, 1), "flags are not for reserve");
            map.discardLive(0);
            assertEquals(Reservations.MAX * 16, map.query(0));
            assertNull(map.take());
            assertEquals(0, map.query(0));
            assertNotEquals(0, map.reserve(SIZE - 16, 0, 0));
        }
    }

    @Test
    void sizes() {
        try (RingMap map = ring(SIZE)) {
            for (long size : new long[] {SIZE - 7, SIZE, 1 << 30, Integer.MAX_VALUE, 1L << 32, 1L << 62, Long.MAX_VALUE, -1, -8, Long.MIN_VALUE}) {
                assertEquals(0, map.reserve(size, 0, 0), "size " + size);
                assertEquals(AGAIN, map.output(0, size, 0));
            }
            assertEquals(-Errno.EINVAL, map.output(0, 8, 4));
            assertEquals(0, map.reserve(SIZE - 8, 0, 0), "a ring is never quite full");
            long record = map.reserve(SIZE - 16, 0, 0);
            assertNotEquals(0, record);
            assertEquals(0, map.reserve(0, 0, 0));
            assertTrue(map.submit(record, 0, 0));
            assertEquals(SIZE - 16, map.take().bytes().length);
        }
    }

    /** What a program writes into its records, headers' look-alikes too, changes those records only. */
    @Test
    void recordsMayHoldAnything() {
        try (RingMap map = ring(SIZE)) {
            Random random = new Random(3);
            int taken = 0;
            for (int i = 0; i < 5000; i++) {
                int size = random.nextInt(300);
                long record = map.reserve(size, 0, 0);
                if (record == 0) {
                    for (EventStream.Event event = map.take(); event != null; event = map.take()) {
                        taken++;
                        assertTrue(event.bytes().length < 300);
                    }
                    continue;
                }
                Memory.fill(record, size, (byte) random.nextInt());
                assertTrue(random.nextInt(3) == 0 ? map.discard(record, random.nextLong(), 0) : map.submit(record, random.nextLong(), 0));
            }
            assertTrue(taken > 1000);
        }
    }

    /** No program gets there, but should something: no crash, no endless loop, and the ring goes on. */
    @Test
    void brokenHeaders() {
        for (int broken : new int[] {0x3FFF_FFFF, 0x7FFF_FFFF, -1, Integer.MIN_VALUE | 4000, SIZE, Ring.DISCARD | 5000}) {
            try (RingMap map = ring(SIZE)) {
                long first = map.reserve(40, 0, 0);
                long second = map.reserve(40, 0, 0);
                assertTrue(map.submit(first, 0, 0) && map.submit(second, 0, 0));
                Memory.putInt(first - 8, broken);
                for (int i = 0; i < 20 && map.take() != null; i++) {
                    assertTrue(i < 19);
                }
                assertEquals(0, map.query(0));
                long third = map.reserve(8, 0, 0);
                assertTrue(map.submit(third, 0, 0));
                assertEquals(8, map.take().bytes().length);
            }
        }
    }

    /** One that hides where the next record begins may stop the ring, but that is all. */
    @Test
    void plausibleHeaders() {
        for (int broken : new int[] {0, 1, 50, 80, Ring.DISCARD | 8, Integer.MIN_VALUE}) {
            try (RingMap map = ring(SIZE)) {
                for (int i = 0; i < 1000; i++) {
                    long record = map.reserve(40, 0, 0);
                    map.submit(record, 0, 0);
                    if (i == 3) {
                        Memory.putInt(record - 8, broken);
                    }
                    map.take();
                    assertTrue(map.query(0) >= 0 && map.query(0) < SIZE);
                }
            }
        }
    }

    @Test
    void wakesWhoWaits() throws Exception {
        try (RingMap map = ring(SIZE); NativeBlock block = new NativeBlock(64)) {
            AtomicInteger calls = new AtomicInteger();
            map.onEvent(calls::incrementAndGet);
            assertFalse(map.await(1_000_000));
            CompletableFuture<Boolean> waiter = waiter(map);
            assertEquals(0, map.output(block.address(), 8, 0));
            assertTrue(waiter.get());
            assertEquals(1, calls.get());
            map.output(block.address(), 8, 0);
            assertEquals(1, calls.get(), "a consumer with backlog is not called");
            map.output(block.address(), 8, 2);
            assertEquals(2, calls.get(), "but when forced");
            while (map.take() != null) {
                assertTrue(map.query(0) >= 0);
            }
            map.output(block.address(), 8, 1);
            assertEquals(2, calls.get());
            assertTrue(map.await(0), "what woke nobody is there all the same");
        }
    }

    private static CompletableFuture<Boolean> waiter(EventStream stream) throws InterruptedException {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                result.complete(stream.await(TimeUnit.SECONDS.toNanos(30)));
            } catch (InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
            Thread.sleep(1);
        }
        return result;
    }

    @Test
    void closingEndsTheWait() throws Exception {
        RingMap map = ring(SIZE);
        CompletableFuture<Boolean> waiter = waiter(map);
        map.close();
        Throwable cause = assertThrows(ExecutionException.class, () -> waiter.get(10, TimeUnit.SECONDS)).getCause();
        assertEquals("map m: is closed (EBUSY)", cause.getMessage());
        assertThrows(MapException.class, map::take);
    }
}
