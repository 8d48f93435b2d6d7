package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.ProgramArrayMap;

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
    private final InstanceMaps maps;
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
        this.maps = new InstanceMaps(object, settings.maxMapMemory, surroundings.seed());
        try {
            maps.makeAll();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
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
        return maps.all();
    }

    /** The map of that name, or null. */
    public BpfMap map(String name) {
        return maps.get(name);
    }

    @Override
    public int programNumber(String name) {
        return maps.program(name);
    }

    @Override
    public BpfMap newMap(MapSpec spec) {
        return maps.make(spec);
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
        maps.close();
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
            MapTable table = program.analysis().maps();
            for (int number = 0; number < table.maps().size(); number++) {
                used.add(table.isTemplate(number) ? null : maps.get(table.maps().get(number).name()));
            }
            HelperEnvironment environment = new HelperEnvironment(surroundings.clock(), line -> settings.output.accept(name + ": " + line));
            TrapLog traps = (slot, what, registers) -> settings.output.accept("trapped: " + describe(program.spec(), slot, what) +
                            (registers.isEmpty() ? "" : "; " + registers) + " (XDP_ABORTED; reported once)");
            RootCallTarget target = NodeBuilder.build(language, program,
                            new ProgramBindings(used.toArray(BpfMap[]::new), maps, environment, traps, object.lines(program.spec()), this, settings.loopBudget));
            return new Program(name, target, surroundings, maps);
        }

        @Override
        public RootCallTarget target(int program) {
            return program(object.spec().programs().get(program - 1).name()).target();
        }

        @Override
        public int[] current() {
            return maps.all().stream().filter(ProgramArrayMap.class::isInstance).flatMapToInt(map -> Arrays.stream(((ProgramArrayMap) map).programIds())) //
                            .distinct().toArray();
        }

        @Override
        public List<BpfMap> maps() {
            return Instance.this.maps();
        }

        @Override
        public int programNumber(String name) {
            return maps.program(name);
        }

        @Override
        public BpfMap newMap(MapSpec spec) {
            return maps.make(spec);
        }

        @Override
        public void close() {
            programs.values().forEach(Program::close);
            programs.clear();
        }
    }
}
