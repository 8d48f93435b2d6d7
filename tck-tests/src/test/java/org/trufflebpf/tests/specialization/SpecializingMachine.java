package org.trufflebpf.tests.specialization;

import java.util.function.Consumer;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.DelegatingProcessor;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.DelegatingObject;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Machine;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Program;
import org.trufflebpf.language.verifier.Safety;

/** A machine whose programs are specialised again, in the interpreter, for what maps hold before each burst. Counts the bursts that ran so. */
public final class SpecializingMachine implements Machine {
    private final Machine machine;
    private long specialized;

    public SpecializingMachine(Machine machine) {
        this.machine = machine;
    }

    /** Bursts that a specialised variant processed. */
    public long specialized() {
        return specialized;
    }

    @Override
    public ObjectSpec parse(String name, byte[] file) {
        return machine.parse(name, file);
    }

    @Override
    public LoadedObject load(ObjectSpec object, Surroundings surroundings) {
        return new Loaded(machine.load(object, surroundings));
    }

    @Override
    public LoadedObject watch(ObjectSpec object, Surroundings surroundings, long maxLoops, Consumer<String> output, StepListener watcher) {
        return machine.watch(object, surroundings, maxLoops, output, watcher);
    }

    @Override
    public Safety safety() {
        return machine.safety();
    }

    @Override
    public long runOnMemory(byte[] code, byte[] memory, boolean compile) {
        return machine.runOnMemory(code, memory, compile);
    }

    private final class Loaded extends DelegatingObject {
        private final LoadedObject object;

        Loaded(LoadedObject object) {
            super(object);
            this.object = object;
        }

        @Override
        public RunnableProgram program(String name) {
            Program program = (Program) object.program(name);
            return new RunnableProgram() {
                @Override
                public BurstProcessor newProcessor(int cpu) {
                    return new Processor(program, program.newProcessor(cpu));
                }

                @Override
                public boolean compile() {
                    return program.compile();
                }

                @Override
                public boolean handlesFragments() {
                    return program.handlesFragments();
                }

                @Override
                public long traps() {
                    return program.traps();
                }
            };
        }
    }

    private final class Processor implements DelegatingProcessor {
        private final Program program;
        private final BurstProcessor processor;

        Processor(Program program, BurstProcessor processor) {
            this.program = program;
            this.processor = processor;
        }

        @Override
        public BurstProcessor processor() {
            return processor;
        }

        @Override
        public void process(Burst burst) {
            specialized += program.specializeInterpreted() ? 1 : 0;
            processor.process(burst);
        }
    }
}
