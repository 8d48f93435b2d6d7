package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.trufflebpf.io.memory.OutOfNativeMemoryException;
import org.trufflebpf.language.helpers.HelperEnvironment;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.nodes.ProgramBindings;
import org.trufflebpf.language.nodes.TailCallTargets;
import org.trufflebpf.language.nodes.TrapLog;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapKind;

/**
 * An object in one context: maps of its own and programs over them. Specification and proof are shared with other instances; what depends on the
 * maps, nodes and machine code, is not. Programs are made when first asked for. One thread at a time asks for programs or closes.
 */
public final class Instance implements LoadedObject {
    /** CPU numbers that workers may have. */
    public static final int CPUS = 16;

    private final TruffleLanguage<?> language;
    private final VerifiedObject object;
    private final Settings settings;
    private final Entry entry;
    private final Map<String, BpfMap> maps = new LinkedHashMap<>();
    private final Map<Integer, BpfMap> mapsById = new HashMap<>();
    private final ProgramSet programs;
    private boolean closed;

    /**
     * What an instance may take and where it speaks.
     *
     * @param loopBudget back edges that a packet may take
     * @param maxMapMemory bytes of all maps together
     * @param output takes lines of programs and about them: bpf_trace_printk and traps
     */
    public record Settings(long loopBudget, long maxMapMemory, Consumer<String> output) {
    }

    /** @throws EbpfException when a map cannot be made; nothing is left then */
    public Instance(TruffleLanguage<?> language, VerifiedObject object, Entry entry, Settings settings, Surroundings surroundings) {
        this.language = language;
        this.object = object;
        this.entry = entry;
        this.programs = new ProgramSet(surroundings);
        this.settings = settings;
        try {
            makeMaps(surroundings.seed());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void makeMaps(long seed) {
        long memory = 0;
        for (MapSpec spec : object.spec().maps()) {
            try {
                MapDefinition definition = definition(spec);
                memory += MapFactory.memoryNeeded(definition, CPUS);
                if (memory > settings.maxMapMemory) {
                    throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' would bring the maps to " + (memory >> 20) +
                                    " MiB, more than the " + (settings.maxMapMemory >> 20) + " MiB allowed: raise --ebpf.MaxMapMemory");
                }
                int id = maps.size() + 1;
                BpfMap map = MapFactory.create(definition, id, CPUS, Codec.untyped(spec.keySize()), Codec.untyped(spec.valueSize()), seed);
                maps.put(spec.name(), map);
                mapsById.put(id, map);
                if (spec.contents() != null) {
                    map.put(new byte[4], spec.contents(), 0);
                }
            } catch (MapException e) {
                throw new EbpfException(Failure.RESOURCES, e.getMessage());
            } catch (OutOfNativeMemoryException e) {
                throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "': " + e.getMessage());
            }
        }
    }

    private static MapDefinition definition(MapSpec spec) {
        MapKind kind = MapKind.of(spec.type());
        if (kind == null) {
            throw new EbpfException(Failure.RESOURCES, "map '" + spec.name() + "' is of kind " + MapKind.kernelName(spec.type()) + ", which is not supported yet");
        }
        return new MapDefinition(spec.name(), kind, spec.keySize(), spec.valueSize(), spec.maxEntries(), spec.flags());
    }

    /** What it shares with other instances. */
    public VerifiedObject object() {
        return object;
    }

    /** The same maps under programs that see other surroundings. Closing it closes those programs only, and comes before closing this instance. */
    public LoadedObject in(Surroundings surroundings) {
        return new ProgramSet(surroundings);
    }

    @Override
    public List<BpfMap> maps() {
        return List.copyOf(maps.values());
    }

    /** The map of that name, or null. */
    public BpfMap map(String name) {
        return maps.get(name);
    }

    /** @throws EbpfException if it is rejected or there is none of that name, or after {@link #close} */
    @Override
    public Program program(String name) {
        return programs.program(name);
    }

    /** Where and what in one line: program, C line with its text, instruction, fault. */
    static String describe(ProgramSpec program, int slot, String what) {
        ProgramSpec.Line line = program.lineAt(slot);
        String place = line == null ? "" : " (" + line.file() + ":" + line.line() + (line.text().isBlank() ? "" : " `" + line.text().strip() + "`") + ")";
        return "program '" + program.name() + "', instruction " + slot + place + " " + what;
    }

    @Override
    public void close() {
        closed = true;
        programs.close();
        maps.values().forEach(BpfMap::close);
    }

    /** Programs over this instance's maps, all in the same surroundings. */
    private final class ProgramSet implements LoadedObject, TailCallTargets {
        private final Surroundings surroundings;
        private final Map<String, Program> programs = new HashMap<>();

        ProgramSet(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public synchronized Program program(String name) {
            if (closed) {
                throw new EbpfException(Failure.USAGE, "program '" + name + "' is closed");
            }
            return programs.computeIfAbsent(name, this::build);
        }

        private Program build(String name) {
            VerifiedProgram program = object.program(name, entry);
            List<BpfMap> used = new ArrayList<>();
            program.analysis().maps().maps().forEach(spec -> used.add(maps.get(spec.name())));
            HelperEnvironment environment = new HelperEnvironment(surroundings.clock(), line -> settings.output.accept(name + ": " + line));
            TrapLog traps = (slot, what, registers) -> settings.output.accept("trapped: " + describe(program.spec(), slot, what) +
                            (registers.isEmpty() ? "" : "; " + registers) + " (XDP_ABORTED; reported once)");
            RootCallTarget target = NodeBuilder.build(language, program,
                            new ProgramBindings(used.toArray(BpfMap[]::new), registry, environment, traps, object.lines(program.spec()), this, settings.loopBudget));
            return new Program(name, target, surroundings, mapsById);
        }

        @Override
        public RootCallTarget target(int program) {
            return program(object.spec().programs().get(program - 1).name()).target();
        }

        @Override
        public int[] current() {
            return new int[0];
        }

        @Override
        public List<BpfMap> maps() {
            return Instance.this.maps();
        }

        @Override
        public void close() {
            programs.values().forEach(Program::close);
            programs.clear();
        }
    }
}
