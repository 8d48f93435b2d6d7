package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.nodes.TrapListener;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.maps.DevMap;

/** A program of an instance: one call target for all workers. */
public final class Program implements RunnableProgram, AutoCloseable {
    private final String name;
    private final boolean fragments;
    private final RootCallTarget target;
    private final List<RootCallTarget> callbacks;
    private final Surroundings surroundings;
    private final InstanceMaps maps;
    private final Attachable attachable;
    private final IntFunction<TimerRunner> timerRunners;
    /** Null where programs stay generic. */
    private final Specialization specialization;
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private final List<TimerRunner> runners = new CopyOnWriteArrayList<>();
    private SinglePackets singlePackets;
    private Worker singleWorker;

    /**
     * @param fragments whether it is made for packets of several buffers
     * @param callbacks what timers call that it sets
     * @param timerRunners makes one for a CPU number, or gives null where no timers are
     * @param specialization null for a program that stays generic
     */
    Program(String name, boolean fragments, RootCallTarget target, List<RootCallTarget> callbacks, Surroundings surroundings, InstanceMaps maps,
                    Attachable attachable,
                    IntFunction<TimerRunner> timerRunners, Specialization specialization) {
        this.name = name;
        this.fragments = fragments;
        this.target = target;
        this.callbacks = callbacks;
        this.timerRunners = timerRunners;
        this.surroundings = surroundings;
        this.maps = maps;
        this.attachable = attachable;
        this.specialization = specialization;
    }

    /** The programs that entries of device maps and CPU maps can name. */
    interface Attachable {
        /** The program of a number. */
        RootCallTarget target(int number);

        /** Those of the object that are made for such maps. */
        List<RootCallTarget> all();

        /** A program, and those that can be reached from it by the tail calls that program arrays hold now, which from now on it calls directly. */
        Collection<RootCallTarget> tailCalled(RootCallTarget first);
    }

    public String name() {
        return name;
    }

    /** What workers call; takes a {@link Worker}'s arguments. */
    public RootCallTarget target() {
        return target;
    }

    @Override
    public boolean compile() {
        Set<RootCallTarget> all = new LinkedHashSet<>(callbacks);
        attachable.all().forEach(other -> all.addAll(attachable.tailCalled(other)));
        all.addAll(attachable.tailCalled(target));
        all.forEach(Compilation::compile);
        return isCompiled();
    }

    @Override
    public boolean specialize() {
        return specialization != null && Compilation.isAvailable() && specialization.begin();
    }

    @Override
    public boolean handlesFragments() {
        return fragments;
    }

    /** What has become of its specialised variants. */
    public Specialization.Statistics specialization() {
        return specialization == null ? Specialization.Statistics.NONE : specialization.statistics();
    }

    /** Has the next packets run a variant for what maps hold now, in the interpreter, for tests of what the variant does. */
    public boolean specializeInterpreted() {
        return specialization != null && specialization.beginInterpreted();
    }

    public boolean isCompiled() {
        return Compilation.isCompiled(target);
    }

    @Override
    public long traps() {
        return workers.stream().mapToLong(Worker::traps).sum();
    }

    @Override
    public BurstProcessor newProcessor(int cpu) {
        return newProcessor(new Worker(cpu, surroundings.seed()));
    }

    @Override
    public BurstProcessor newProcessor(int cpu, TrapListener listener) {
        Worker worker = new Worker(cpu, surroundings.seed());
        worker.tellTraps(listener);
        return newProcessor(worker);
    }

    @Override
    public List<String> specializedOn() {
        return specialization().folded();
    }

    @Override
    public BurstProcessor newGenericProcessor(int cpu) {
        Worker worker = new Worker(cpu, surroundings.seed());
        workers.add(worker);
        return new Processor(target, null, worker, null);
    }

    /** For a worker of the caller's making; {@link #close} closes it. */
    public BurstProcessor newProcessor(Worker worker) {
        workers.add(worker);
        TimerRunner timers = timerRunners.apply(worker.cpu());
        if (timers != null) {
            runners.add(timers);
        }
        return new Processor(target, specialization, worker, timers);
    }

    /** A way in for packets that come alone; one for all callers, who take turns. */
    public SinglePackets singlePackets() {
        if (singlePackets == null) {
            singleWorker = new Worker(0, surroundings.seed());
            singlePackets = new SinglePackets(newProcessor(singleWorker), fragments);
        }
        return singlePackets;
    }

    /**
     * Gives it a packet by that way.
     *
     * @param packet at most as many bytes as {@link Burst#longest} says
     * @param listener is told when the packet traps
     */
    public SinglePackets.Outcome run(byte[] packet, TrapListener listener) {
        SinglePackets way = singlePackets();
        singleWorker.tellTraps(listener);
        return way.run(packet);
    }

    /** Releases what the workers own; none of them may run any more. */
    @Override
    public void close() {
        if (specialization != null) {
            specialization.close();
        }
        workers.forEach(Worker::close);
        runners.forEach(TimerRunner::close);
        if (singlePackets != null) {
            singlePackets.close();
        }
    }

    /** One worker's way into the program, and into those that packets run through where they were redirected to. */
    private final class Processor implements BurstProcessor {
        private final RootCallTarget target;
        /** Null for a program that stays generic. */
        private final Specialization specialization;
        private final Worker worker;
        /** By CPU, then by the program's number; made when first needed. */
        private final BurstProcessor[][] attached = new BurstProcessor[Instance.CPUS][0];
        /** Null for an object without timers, and where another processor of the worker runs them. */
        private final TimerRunner timers;

        Processor(RootCallTarget target, Specialization specialization, Worker worker, TimerRunner timers) {
            this.target = target;
            this.specialization = specialization;
            this.worker = worker;
            this.timers = timers;
        }

        @Override
        public void process(Burst burst) {
            RootCallTarget special = specialization == null ? null : specialization.current();
            if (timers != null) {
                timers.process(special == null ? target : special, worker, burst);
            } else if (special == null) {
                target.call(worker.argumentsFor(burst));
            } else {
                // A call of its own: calls of different targets at one place cost up to 60 ns more (measured).
                special.call(worker.argumentsFor(burst));
            }
        }

        @Override
        public long idle() {
            return timers == null ? Long.MAX_VALUE : timers.idle();
        }

        @Override
        public long[] redirectGroup(int handle) {
            return ((DevMap) maps.map(handle)).targets();
        }

        @Override
        public BurstProcessor program(int number, int cpu) {
            BurstProcessor[] ofCpu = attached[cpu];
            return number < ofCpu.length && ofCpu[number] != null ? ofCpu[number] : attach(number, cpu);
        }

        private BurstProcessor attach(int number, int cpu) {
            attached[cpu] = Arrays.copyOf(attached[cpu], Math.max(number + 1, attached[cpu].length));
            Worker own = worker;
            if (cpu != worker.cpu()) {
                own = new Worker(cpu, surroundings.seed());
                own.tellTraps(worker.listener());
                workers.add(own);
            }
            attached[cpu][number] = new Processor(attachable.target(number), null, own, null);
            return attached[cpu][number];
        }
    }
}
