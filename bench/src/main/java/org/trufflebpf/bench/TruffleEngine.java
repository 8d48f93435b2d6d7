package org.trufflebpf.bench;

import org.graalvm.polyglot.Context;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Machine;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.Surroundings;

/** Our own engine in a context of its own, which the thread that opened it stays in until it closes it. */
final class TruffleEngine implements AutoCloseable {
    private static final String LANGUAGE = "ebpf";
    /** Bursts that are interpreted before the compiler starts, so that it knows all classes that the code needs. */
    private static final int FIRST_BURSTS = 3;

    private final Context context;
    private final Machine machine;

    /** @throws MissingException if there is no compiler */
    TruffleEngine() throws MissingException {
        this(Context.newBuilder(LANGUAGE).allowExperimentalOptions(true).option("engine.WarnInterpreterOnly", "false"));
    }

    /**
     * @param builder with the options of the language
     * @throws MissingException if there is no compiler
     */
    TruffleEngine(Context.Builder builder) throws MissingException {
        context = builder.build();
        if (context.getEngine().getImplementationName().equals("Interpreted")) {
            context.close();
            throw new MissingException("no Graal compiler: start Java with launcher/jvm.flags and --upgrade-module-path");
        }
        context.initialize(LANGUAGE);
        context.enter();
        machine = EbpfContext.machine();
    }

    /**
     * What an object file says.
     *
     * @param name what messages call it
     */
    ObjectSpec parse(String name, byte[] file) {
        return machine.parse(name, file);
    }

    /** An instance of an object, for which it is when its packets came, as {@code ebpf run} has it; the caller closes it. */
    LoadedObject load(ObjectSpec object) {
        return machine.load(object, Surroundings.ofPackets());
    }

    /**
     * A worker's way into a program of {@code scenario}. Where that asks for the time, each burst costs a reading of the clock, as it does the live ports
     * that take it.
     */
    static BurstProcessor processor(RunnableProgram program, Scenario scenario, PacketBurst burst) {
        BurstProcessor processor = program.newProcessor(burst.cpu());
        return !scenario.asksForTime() ? processor : packets -> {
            burst.stamp();
            processor.process(packets);
        };
    }

    /**
     * A program of an instance, compiled.
     *
     * @param burst is closed with the contestant
     * @param release is run when the contestant is closed
     */
    Contestant contestant(LoadedObject object, String name, PacketBurst burst, Runnable release) {
        RunnableProgram program = object.program(name);
        BurstContestant contestant = new BurstContestant(burst, program.newProcessor(burst.cpu()), false, release);
        contestant.run((long) FIRST_BURSTS * PacketBurst.SIZE);
        program.compile();
        return contestant;
    }

    /** For a further thread, which may then use contestants of its own and must {@link #leave}. */
    void enter() {
        context.enter();
    }

    void leave() {
        context.leave();
    }

    @Override
    public void close() {
        context.leave();
        context.close();
    }
}
