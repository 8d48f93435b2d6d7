package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Clock;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.tests.safety.EnteredContext;

/** When timers fire, which only a clock of our own shows; what their helpers answer is in timers.ptest. */
class TimerTest {
    private static final int EDEADLK = 35;
    private static final long START = 1_000_000_000L;

    /** An object in an instance, and a program of it. */
    private static final class Timed implements AutoCloseable {
        private final EnteredContext context;
        private final NativeBlock frame = new NativeBlock(Burst.DEFAULT_FRAME_SIZE);
        private final Instance instance;
        private final Program program;
        private final BurstProcessor processor;

        Timed(String name, Clock clock, boolean compiled) throws IOException {
            this("timers.o", name, clock, compiled, Map.of());
        }

        /** @param options of the language */
        Timed(String file, String name, Clock clock, boolean compiled, Map<String, String> options) throws IOException {
            context = new EnteredContext(1000, options);
            ObjectSpec object = EbpfContext.machine().parse(file, Files.readAllBytes(Project.TEST_PROGRAMS.resolve("helpers").resolve(file)));
            instance = (Instance) EbpfContext.machine().load(object, new Surroundings(clock, 0));
            program = instance.program(name);
            if (compiled) {
                assertTrue(program.compile(), "not compiled");
            }
            processor = program.newProcessor(0);
        }

        void argument(int index, long value) {
            instance.map("arguments").put(key(index), bytes(value), MapFlags.ANY);
        }

        long value(String map, int index) {
            return ByteBuffer.wrap(instance.map(map).get(key(index))).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }

        List<Long> times(int count) {
            return LongStream.range(0, count).map(i -> value("times", (int) i)).boxed().toList();
        }

        /** Packets that came at these times, in one burst. */
        void process(long... times) {
            try (Burst burst = new Burst(times.length)) {
                burst.setOrigin(1, 0, 0);
                for (int i = 0; i < times.length; i++) {
                    burst.setPacket(i, frame.address(), Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, 60, times[i]);
                }
                burst.setCount(times.length);
                processor.process(burst);
            }
        }

        @Override
        public void close() {
            instance.close();
            frame.close();
            context.close();
        }
    }

    private static byte[] key(int index) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(index).array();
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    /**
     * Ten packets, a millisecond apart, and a timer that fires every 2.5 ms, four times: the same however the packets come in bursts.
     *
     * @param partLimit instructions of programs and timers' functions that are compiled as one
     */
    @ParameterizedTest
    @CsvSource({"1, false, 6000", "3, false, 6000", "10, false, 6000", "10, true, 6000", "1, true, 6000", "10, false, 12", "1, true, 12"})
    void firesByTheTimeOfTheCapture(int burst, boolean compiled, String partLimit) throws IOException {
        try (Timed timed = new Timed("timers.o", "fires", new Clock.Capture(), compiled, Map.of("ebpf.PartLimit", partLimit))) {
            timed.argument(0, 2_500_000);
            timed.argument(1, 4);
            for (int first = 0; first < 11; first += burst) {
                timed.process(LongStream.range(first, Math.min(11, first + burst)).map(i -> START + i * 1_000_000).toArray());
            }
            assertEquals(List.of(START + 2_500_000, START + 5_000_000, START + 7_500_000, START + 10_000_000), timed.times(4));
            List<Long> seen = new ArrayList<>();
            for (int packet = 0; packet < 11; packet++) {
                seen.add(timed.value("results", 32 + packet));
            }
            assertEquals(List.of(0L, 0L, 0L, 1L, 1L, 2L, 2L, 2L, 3L, 3L, 4L), seen);
            assertEquals(-EDEADLK, timed.value("results", 8), "cancelled itself");
            assertEquals(3, timed.value("results", 9), "the key");
            assertEquals(0, timed.program.traps());
        }
    }

    /** Several turns lie between two packets, each at its own time. */
    @Test
    void firesAllThatIsDueBetweenTwoPackets() throws IOException {
        try (Timed timed = new Timed("fires", new Clock.Capture(), false)) {
            timed.argument(0, 1000);
            timed.argument(1, 5);
            timed.process(START, START + 10_000_000);
            assertEquals(LongStream.rangeClosed(1, 5).map(i -> START + 1000 * i).boxed().toList(), timed.times(5));
        }
    }

    /** A time that has passed is due at the next packet; the callback starts it again so, without end. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTimerThatNeverEndsLetsPacketsThrough(boolean compiled) throws IOException {
        try (Timed timed = new Timed("fires", new Clock.Fixed(START), compiled)) {
            timed.argument(0, 5);
            timed.argument(1, Long.MAX_VALUE);
            timed.argument(2, 1);
            timed.process(0, 0);
            timed.process(0);
            timed.process(0);
            assertEquals(0, timed.value("results", 33));
            assertEquals(1024, timed.value("results", 34));
            assertEquals(2048, timed.value("results", 35));
        }
    }

    /** Two timers at one time: the first cancels the second, and deletes the element that it is called with. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTimerMayGoWithItsElement(boolean compiled) throws IOException {
        try (Timed timed = new Timed("removes_itself", new Clock.Capture(), compiled)) {
            timed.argument(0, 1000);
            timed.process(START);
            assertEquals(2, timed.instance.map("hash").size());
            timed.argument(3, 1);
            timed.process(START + 2000, START + 4000);
            assertEquals(1, timed.value("results", 1), "the other one was running");
            assertEquals(0, timed.value("results", 2));
            // The first packet after it put 40 in again.
            assertEquals(2, timed.instance.map("hash").size());
        }
    }

    /** What the control plane deletes or replaces fires no more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void controlPlaneStopsTimers(boolean replace) throws IOException {
        try (Timed timed = new Timed("removes_itself", new Clock.Capture(), false)) {
            timed.argument(0, 1000);
            timed.process(START);
            timed.argument(3, 1);
            for (long key = 40; key < 42; key++) {
                if (replace) {
                    timed.instance.map("hash").put(bytes(key), new byte[timed.instance.map("hash").valueSize()], MapFlags.EXIST);
                } else {
                    assertTrue(timed.instance.map("hash").remove(bytes(key)));
                }
            }
            timed.process(START + 2000, START + 4000);
            assertEquals(0, timed.value("results", 1));
            assertEquals(replace ? 2 : 1, timed.instance.map("hash").size());
        }
    }

    /** It gets the inner map, which it can use. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void firesInAnInnerMap(boolean compiled) throws IOException {
        try (Timed timed = new Timed("timers_inner.o", "in_inner", new Clock.Capture(), compiled, Map.of())) {
            timed.argument(0, 1000);
            timed.process(START);
            assertEquals(List.of(0L, 0L, 0L, 0L), LongStream.range(0, 4).map(i -> timed.value("results", (int) i)).boxed().toList());
            timed.process(START + 2000);
            assertEquals(-16, timed.value("results", 0));
            assertEquals(1, timed.value("results", 3));
            byte[] next = timed.instance.map("inner").get(key(1));
            assertEquals(10, ByteBuffer.wrap(next).order(ByteOrder.LITTLE_ENDIAN).getLong(16));
        }
    }

    @Test
    void firesByTheWallClockWithoutPackets() throws IOException, InterruptedException {
        try (Timed timed = new Timed("fires", new Clock.Wall(), false)) {
            timed.argument(0, 1_000_000);
            timed.argument(1, 2);
            timed.process(0);
            for (int i = 0; i < 5000 && timed.value("times", 1) == 0; i++) {
                Thread.sleep(1);
                timed.processor.idle();
            }
            assertTrue(timed.value("times", 0) > 0);
            assertTrue(timed.value("times", 1) - timed.value("times", 0) >= 1_000_000);
        }
    }
}
