package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.TruffleLanguage;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Machine;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.Safety;

/** The engine as the commands see it: objects from bytes, instances from objects. */
public final class EbpfMachine implements Machine {
    private final TruffleLanguage<?> language;
    private final Supplier<LoadOptions> loadOptions;
    private final Instance.Settings settings;
    private final SourceFiles sources;
    /** What was loaded last: packet tests load an object anew for each test, and to prove and optimise l4lb takes longer than a test of it. */
    private VerifiedObject last;

    /**
     * @param loadOptions asked for with each object, as they can come from files that only objects need
     * @param sources finds the C files of objects for tools
     */
    public EbpfMachine(TruffleLanguage<?> language, Supplier<LoadOptions> loadOptions, Instance.Settings settings, SourceFiles sources) {
        this.language = language;
        this.loadOptions = loadOptions;
        this.settings = settings;
        this.sources = sources;
    }

    @Override
    public ObjectSpec parse(String name, byte[] file) {
        sources.addObject(name);
        try {
            return ObjectLoader.load(file, loadOptions.get());
        } catch (MalformedObjectException e) {
            throw new EbpfException(Failure.MALFORMED, name + ": " + e.getMessage());
        }
    }

    @Override
    public Instance load(ObjectSpec object, Surroundings surroundings) {
        return new Instance(language, verified(object), Entry.XDP, settings, surroundings, new Namespace());
    }

    private synchronized VerifiedObject verified(ObjectSpec object) {
        if (last == null || last.spec() != object) {
            last = new VerifiedObject(object, null, sources);
        }
        return last;
    }

    /**
     * An instance whose programs an embedder gives single packets.
     *
     * @param namespace of the objects that it shares pinned maps with
     */
    public Instance load(VerifiedObject object, Namespace namespace) {
        return new Instance(language, object, Entry.XDP, settings.throwing(), Surroundings.FIXED, namespace);
    }

    @Override
    public LoadedObject watch(ObjectSpec object, Surroundings surroundings, long maxLoops, Consumer<String> output, StepListener watcher) {
        return new Instance(language, verified(object), Entry.XDP, settings.watched(maxLoops, output, watcher), surroundings,
                        new Namespace());
    }

    @Override
    public Safety safety() {
        return settings.safety();
    }

    @Override
    public long runOnMemory(byte[] code, byte[] memory, boolean compile) {
        ProgramSpec program = ProgramSpec.of("main", code, Map.of());
        VerifiedObject object = new VerifiedObject(new ObjectSpec(List.of(program), List.of(), null, ""));
        try (Instance instance = new Instance(language, object, Entry.MEMORY, settings, Surroundings.FIXED, new Namespace());
                        NativeBlock block = new NativeBlock(memory.length);
                        Burst burst = new Burst(1)) {
            Program loaded = instance.program("main");
            if (compile) {
                loaded.compile();
            }
            Memory.copyFrom(memory, 0, block.address(), memory.length);
            burst.setOrigin(0, 0, 0);
            burst.setPacket(0, block.address(), memory.length, 0, memory.length, 0);
            burst.setCount(1);
            loaded.newProcessor(0).process(burst);
            if (loaded.traps() > 0) {
                throw new EbpfException(Failure.REJECTED, "the program trapped");
            }
            return Memory.getLong(burst.descriptor(0) + Burst.RESULT);
        }
    }
}
