package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;

/** Threads of an embedder in one context, and in contexts of one engine. */
class EmbeddingThreadsTest {
    private static final int THREADS = 4;
    private static final int PACKETS = 500;
    private static final HostAccess ARRAYS = HostAccess.newBuilder(HostAccess.NONE).allowArrayAccess(true).build();

    private static Source source() throws IOException {
        return Project.source(Project.program("xdp_map_access"));
    }

    /** The program swaps the addresses and counts. */
    private static void send(Value object) {
        Value program = object.getMember("programs").getMember("xdp_map_access");
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = new byte[60];
            packet[5] = (byte) i;
            assertEquals(3, program.execute((Object) packet).asInt());
            byte[] swapped = new byte[60];
            swapped[11] = (byte) i;
            assertArrayEquals(swapped, packet);
        }
    }

    private static long counted(Value object) {
        return object.getMember("maps").getMember("cntrs_array").getArrayElement(0).getArrayElement(0).asLong();
    }

    private static void inThreads(Callable<Void> body) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(threads.submit(body));
            }
            for (Future<Void> each : all) {
                each.get();
            }
        }
    }

    @Test
    void inOneContextTheyShareProgramAndMaps() throws Exception {
        try (Context context = Context.newBuilder("ebpf").allowHostAccess(ARRAYS).build()) {
            Value object = context.eval(source());
            inThreads(() -> {
                send(object);
                return null;
            });
            assertEquals(THREADS * PACKETS, counted(object));
        }
    }

    @Test
    void inContextsOfAnEngineEachHasMapsOfItsOwn() throws Exception {
        Source source = source();
        try (Engine engine = Engine.create()) {
            inThreads(() -> {
                try (Context context = Context.newBuilder("ebpf").engine(engine).allowHostAccess(ARRAYS).build()) {
                    Value object = context.eval(source);
                    send(object);
                    assertEquals(PACKETS, counted(object));
                }
                return null;
            });
        }
    }
}
