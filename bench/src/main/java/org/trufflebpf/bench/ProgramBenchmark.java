package org.trufflebpf.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.run.LoadedObject;

/** Nanoseconds per packet of each program, one contestant after the other; {@code ebpf bench --all} measures them in turns. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 1, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 8, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ProgramBenchmark {
    private static final int BURSTS = 16;
    /** A test run also waits some 20 ms for other CPUs when it starts; over so many packets that is 20 ns each, in program and floor alike. */
    private static final int KERNEL_PACKETS = 1_000_000;

    /** A program of ours. */
    @State(Scope.Thread)
    public static class Ours {
        @Param({"xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_csum", "xdp_maps"})
        public String program;
        private TruffleEngine engine;
        private Contestant contestant;

        @Setup
        public void open() throws MissingException {
            engine = new TruffleEngine();
            Scenario scenario = Scenarios.named(program);
            LoadedObject object = engine.load(scenario.spec());
            contestant = engine.contestant(object, scenario.program().name(), new PacketBurst(scenario.packet()), object::close);
        }

        @TearDown
        public void close() {
            contestant.close();
            engine.close();
        }
    }

    /** The same in native code. */
    @State(Scope.Thread)
    public static class Native {
        @Param({"xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_csum", "xdp_maps"})
        public String program;
        private Contestant contestant;

        @Setup
        public void open() throws MissingException {
            Scenario scenario = Scenarios.named(program);
            NativeProgram compiled = NativeProgram.compile(scenario);
            contestant = new BurstContestant(new PacketBurst(scenario.packet()), compiled, false, compiled::close);
        }

        @TearDown
        public void close() {
            contestant.close();
        }
    }

    /** The same in the kernel. */
    @State(Scope.Thread)
    public static class Kernel {
        @Param({"xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_csum", "xdp_maps"})
        public String program;
        private KernelObject object;
        private Contestant contestant;

        @Setup
        public void open() throws MissingException, BpfException {
            Scenario scenario = Scenarios.named(program);
            object = new KernelObject(scenario.spec());
            contestant = KernelContestant.of(object, scenario.program().name(), scenario.packets());
        }

        @TearDown
        public void close() {
            contestant.close();
            object.close();
        }
    }

    /** A program in the kernel that only returns. */
    @State(Scope.Thread)
    public static class Floor {
        private Contestant contestant;

        @Setup
        public void open() throws MissingException {
            contestant = KernelContestant.floor(Scenarios.named("xdp_pass").packet());
        }

        @TearDown
        public void close() {
            contestant.close();
        }
    }

    @Benchmark
    @OperationsPerInvocation(BURSTS * PacketBurst.SIZE)
    public double ours(Ours ours) {
        return ours.contestant.run(BURSTS * PacketBurst.SIZE);
    }

    @Benchmark
    @OperationsPerInvocation(BURSTS * PacketBurst.SIZE)
    public double nativeCode(Native nativeCode) {
        return nativeCode.contestant.run(BURSTS * PacketBurst.SIZE);
    }

    /** To be compared after {@link #kernelFloor} is subtracted. */
    @Benchmark
    @OperationsPerInvocation(KERNEL_PACKETS)
    public double kernel(Kernel kernel) {
        return kernel.contestant.run(KERNEL_PACKETS);
    }

    @Benchmark
    @OperationsPerInvocation(KERNEL_PACKETS)
    public double kernelFloor(Floor floor) {
        return floor.contestant.run(KERNEL_PACKETS);
    }
}
