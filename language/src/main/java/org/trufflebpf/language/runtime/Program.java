package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.helpers.RedirectNodes;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.maps.DevMap;

/** A program of an instance: one call target for all workers. */
public final class Program implements RunnableProgram, AutoCloseable {
    private final String name;
    private final RootCallTarget target;
    private final Surroundings surroundings;
    private final InstanceMaps maps;
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private SinglePackets singlePackets;

    Program(String name, RootCallTarget target, Surroundings surroundings, InstanceMaps maps) {
        this.name = name;
        this.target = target;
        this.surroundings = surroundings;
        this.maps = maps;
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
        NodeBuilder.updateTailCalls(target);
        Compilation.compile(target);
        return isCompiled();
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

    /** For a worker of the caller's making; {@link #close} closes it. */
    public BurstProcessor newProcessor(Worker worker) {
        workers.add(worker);
        return new Processor(worker);
    }

    /** A way in for packets that come alone; one for all callers, who take turns. */
    public SinglePackets singlePackets() {
        if (singlePackets == null) {
            singlePackets = new SinglePackets(newProcessor(0));
        }
        return singlePackets;
    }

    /** Releases what the workers own; none of them may run any more. */
    @Override
    public void close() {
        workers.forEach(Worker::close);
        if (singlePackets != null) {
            singlePackets.close();
        }
    }

    /** One worker's way into the program. */
    private final class Processor implements BurstProcessor {
        private final Worker worker;

        Processor(Worker worker) {
            this.worker = worker;
        }

        @Override
        public void process(Burst burst) {
            target.call(worker.argumentsFor(burst));
        }

        @Override
        public int[] redirectGroup(int handle) {
            int ingress = RedirectNodes.excludesIngress(handle) ? worker.burst().ingressIfindex() : 0;
            return ((DevMap) maps.map(RedirectNodes.mapOfGroup(handle))).ports(ingress);
        }
    }
}
