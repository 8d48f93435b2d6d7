package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;

/** Compiled programs of stress.c, two workers that run them, and the control plane's way to the maps of the same instance. */
final class Workers implements AutoCloseable {
    /** Worker threads, the CPU numbers 0 and 1. */
    static final int COUNT = 2;
    /** Keys of stress.c. */
    static final int KEYS = 64;
    private static final int BURST = 64;
    private static final int PACKET = 60;

    private final Context context = Context.newBuilder("ebpf").allowAllAccess(true).build();
    private final Instance instance;
    /** Packets that each worker gave to a key. */
    private final long[][] packets = new long[COUNT][KEYS];

    /** Something that a thread does again and again. */
    @FunctionalInterface
    interface Step {
        void run(SplittableRandom random);
    }

    Workers() throws Exception {
        context.initialize("ebpf");
        context.enter();
        try {
            ObjectSpec object = EbpfContext.machine().parse("stress.o", Objects.bytes("stress"));
            instance = (Instance) EbpfContext.machine().load(object, Surroundings.FIXED);
        } finally {
            context.leave();
        }
    }

    Context context() {
        return context;
    }

    Instance instance() {
        return instance;
    }

    Value map(String name) {
        return context.asValue(instance.map(name));
    }

    /** Keys and values as bytes. */
    Value raw(String name) {
        return map(name).getMember("raw");
    }

    /** How many packets had a key, of all workers. */
    long packets(int key) {
        return packets[0][key] + packets[1][key];
    }

    /** A number of stress.c, of all CPUs together. */
    long number(int index) {
        Value values = map("numbers").getArrayElement(index);
        long sum = 0;
        for (int cpu = 0; cpu < values.getArraySize(); cpu++) {
            sum += values.getArrayElement(cpu).asBigInteger().longValue();
        }
        return sum;
    }

    /**
     * Runs programs in turn on both workers while others do their steps, a thread each.
     *
     * @throws ExecutionException if one of them threw something
     */
    void run(double seconds, List<String> programs, Step... steps) throws InterruptedException, ExecutionException {
        context.enter();
        try {
            for (String name : programs) {
                Program program = instance.program(name);
                program.compile();
                assertTrue(program.isCompiled(), name);
            }
        } finally {
            context.leave();
        }
        long end = System.nanoTime() + (long) (seconds * 1e9);
        List<Future<?>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(COUNT + steps.length)) {
            for (int cpu = 0; cpu < COUNT; cpu++) {
                int number = cpu;
                results.add(threads.submit(() -> work(number, programs, end)));
            }
            for (int i = 0; i < steps.length; i++) {
                Step step = steps[i];
                SplittableRandom random = new SplittableRandom(i);
                results.add(threads.submit(() -> {
                    context.enter();
                    try {
                        while (System.nanoTime() - end < 0) {
                            step.run(random);
                        }
                    } finally {
                        context.leave();
                    }
                }));
            }
        }
        for (Future<?> result : results) {
            result.get();
        }
    }

    private void work(int cpu, List<String> programs, long end) {
        context.enter();
        try (Burst burst = new Burst(BURST); NativeBlock frames = new NativeBlock((long) BURST * Burst.DEFAULT_FRAME_SIZE)) {
            List<BurstProcessor> processors = programs.stream().map(program -> instance.program(program).newProcessor(cpu)).toList();
            SplittableRandom random = new SplittableRandom(100 + cpu);
            burst.setOrigin(1, 0, cpu);
            while (System.nanoTime() - end < 0) {
                for (BurstProcessor processor : processors) {
                    for (int i = 0; i < BURST; i++) {
                        long frame = frames.address() + (long) i * Burst.DEFAULT_FRAME_SIZE;
                        int key = random.nextInt(KEYS);
                        Memory.putInt(frame + Burst.HEADROOM, key);
                        Memory.putInt(frame + Burst.HEADROOM + 4, random.nextInt());
                        burst.setPacket(i, frame, Burst.DEFAULT_FRAME_SIZE, Burst.HEADROOM, PACKET, 0);
                        packets[cpu][key]++;
                    }
                    burst.setCount(BURST);
                    processor.process(burst);
                }
            }
        } finally {
            context.leave();
        }
    }

    @Override
    public void close() {
        context.enter();
        try {
            instance.close();
        } finally {
            context.leave();
        }
        context.close();
    }
}
