package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embedders end what runs, from another thread, whatever it does. */
class CancelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What a program can be busy with for ever, or nearly. */
    enum Busy {
        /** An endless loop, as one packet. */
        LOOP(Programs.LOOP, false),
        /** The same in machine code. */
        COMPILED_LOOP(Programs.LOOP, true),
        /** The same in one part of a program. */
        IN_A_PART(Programs.LOOP, true, 1),
        /** A loop that goes from part to part. */
        BETWEEN_PARTS("main: r0 = 1\nagain: r0 ^= 1\nif r0 == 0 goto again\nr0 |= 0\ngoto again\n", true, 1),
        /** A loop of bpf_loop, 8 million times, in one of 8 million. */
        CALLBACKS("""
                main: r1 = 8388608
                r2 = outer ll
                r3 = 0
                r4 = 0
                call bpf_loop
                exit
                outer: r1 = 8388608
                r2 = inner ll
                r3 = 0
                r4 = 0
                call bpf_loop
                r0 = 0
                exit
                inner: r0 = 0
                exit
                """, false),
        /** Packets without end, which each take little. */
        PACKETS("main: r0 = 1\nexit\n", true),
        /** A port that gives a packet every day, so a worker that waits. */
        WAITING("main: r0 = 1\nexit\n", true);

        private final String program;
        private final boolean overPorts;
        private final int partLimit;

        Busy(String program, boolean overPorts) {
            this(program, overPorts, 6000);
        }

        /**
         * @param overPorts whether it runs so, and compiled before the first packet
         * @param partLimit instructions that are compiled as one
         */
        Busy(String program, boolean overPorts, int partLimit) {
            this.program = program;
            this.overPorts = overPorts;
            this.partLimit = partLimit;
        }

        private static final class Programs {
            static final String LOOP = "main: r0 = 1\nagain: goto again\n";
        }

        Value run(Value main) {
            return overPorts ? main.invokeMember("run", "--port", "gen:eth / ipv4 / udp" + (this == WAITING ? ",rate=1" : ""), "--duration", "1000")
                    : main.execute((Object) new byte[60]);
        }
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdownNow();
        assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS), "a thread is still inside");
    }

    private static Context context(Busy busy) {
        return Context.newBuilder("ebpf").allowHostAccess(HostAccess.newBuilder(HostAccess.NONE).allowArrayAccess(true).build())
                .allowExperimentalOptions(true).option("ebpf.MaxLoopIterations", "1000000000000000")
                .option("ebpf.PartLimit", Integer.toString(busy.partLimit)).build();
    }

    private Future<Value> start(Context context, Busy busy) throws InterruptedException {
        Value main = context.eval("ebpf", busy.program).getMember("programs").getMember("main");
        Future<Value> run = threads.submit(() -> busy.run(main));
        Thread.sleep(700);
        assertTrue(!run.isDone(), () -> "it ended by itself: " + run);
        return run;
    }

    private static PolyglotException failure(Future<Value> run) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        return (PolyglotException) e.getCause();
    }

    @ParameterizedTest
    @EnumSource
    void closingCancels(Busy busy) throws Exception {
        Context context = context(busy);
        Future<Value> run = start(context, busy);
        long start = System.nanoTime();
        context.close(true);
        assertTrue(failure(run).isCancelled());
        assertTrue(System.nanoTime() - start < PATIENCE.toNanos());
    }

    @ParameterizedTest
    @EnumSource
    void interruptedContextsGoOn(Busy busy) throws Exception {
        try (Context context = context(busy)) {
            Future<Value> run = start(context, busy);
            assertDoesNotThrow(() -> context.interrupt(PATIENCE));
            assertTrue(failure(run).isInterrupted());
            assertEquals(1, context.eval("ebpf", "r0 = 1\nexit\n").getMember("programs").getMember("main").execute((Object) new byte[14]).asInt());
        }
    }

    /** Several workers, of which each must end. */
    @ParameterizedTest
    @ValueSource(strings = {"", ",rate=1"})
    void workersEndToo(String rate) throws Exception {
        Context context = Context.newBuilder("ebpf").allowCreateThread(true).build();
        Value main = context.eval("ebpf", "main: r0 = 1\nexit\n").getMember("programs").getMember("main");
        Future<Value> run = threads.submit(() -> main.invokeMember("run", "--port", "gen:eth / ipv4 / udp" + rate, "--workers", "2", "--duration",
                "1000"));
        Thread.sleep(700);
        context.close(true);
        assertTrue(failure(run).isCancelled());
    }
}
