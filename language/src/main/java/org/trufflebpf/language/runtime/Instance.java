package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleLanguage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.trufflebpf.language.helpers.HelperEnvironment;
import org.trufflebpf.language.helpers.SynCookies;
import org.trufflebpf.language.nodes.FoldedMaps;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.nodes.ProgramBindings;
import org.trufflebpf.language.nodes.StepListener;
import org.trufflebpf.language.nodes.TailCallTargets;
import org.trufflebpf.language.nodes.Trap;
import org.trufflebpf.language.nodes.TrapListener;
import org.trufflebpf.language.nodes.TrapLog;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.OneLine;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.optimizer.Optimizer;
import org.trufflebpf.language.optimizer.Pass;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.scope.ProgramScopes;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.MapTable;
import org.trufflebpf.language.verifier.MapWrites;
import org.trufflebpf.language.verifier.Safety;
import org.trufflebpf.language.verifier.TimerCallback;
import org.trufflebpf.language.verifier.VerifiedProgram;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.ProgramArrayMap;

/**
 * An object in one context: maps, its own and those that it shares with others by name, and programs over them. Specification and proof are shared
 * with other instances; what depends on the maps, nodes and machine code, is not. Programs are made when first asked for. One thread at a time asks
 * for programs or closes, and what runs holds the instance's monitor.
 */
public final class Instance implements LoadedObject {
    /** CPU numbers that workers may have. */
    public static final int CPUS = 16;

    private final TruffleLanguage<?> language;
    private final VerifiedObject object;
    private final Settings settings;
    private final Entry entry;
    private final Namespace namespace;
    private final int firstProgram;
    private final InstanceMaps maps;
    private final boolean hasTimers;
    private final ProgramSet programs;
    private volatile boolean closed;
    private volatile boolean released;

    /**
     * What an instance may take and where it speaks.
     *
     * @param loopBudget back edges that a packet may take
     * @param maxMapMemory bytes of all maps together
     * @param foldsChecksums whether bpf_csum_diff gives 16 bits, as since Linux 6.13
     * @param safety what becomes of programs that are not proved safe
     * @param passes what is done to programs before they are compiled
     * @param compiler makes specialised variants of programs; null for none
     * @param output takes lines of programs and about them: bpf_trace_printk and traps
     * @param log takes what is worth saying only to who asks for it
     * @param watcher is told of each step of programs that are run to be watched; null for programs that are to be fast
     * @param sampled whether a sampling profiler is to see C lines
     * @param throwsTraps whether single packets go to its programs, whose sender wants to know of each trap
     * @param partLimit instructions of what is compiled as one, calls counted as many; larger programs are cut
     */
    public record Settings(long loopBudget, long maxMapMemory, boolean foldsChecksums, Safety safety, Set<Pass> passes, BackgroundCompiler compiler,
                    Consumer<String> output, Consumer<Supplier<String>> log, StepListener watcher, boolean sampled, boolean throwsTraps,
                    int partLimit) {

        /** For programs that are run as they stand in the object, with every access checked, step by step. */
        Settings watched(long maxLoops, Consumer<String> lines, StepListener listener) {
            return new Settings(Math.min(loopBudget, maxLoops), maxMapMemory, foldsChecksums, Safety.OFF, Set.of(), null, lines, log, listener, false,
                            false, partLimit);
        }

        /** For programs of an embedder. */
        Settings throwing() {
            return new Settings(loopBudget, maxMapMemory, foldsChecksums, safety, passes, compiler, output, log, watcher, sampled, true, partLimit);
        }
    }

    /**
     * @param namespace of the objects that it is loaded with
     * @throws EbpfException when a map cannot be made; nothing is left then
     */
    public Instance(TruffleLanguage<?> language, VerifiedObject object, Entry entry, Settings settings, Surroundings surroundings,
                    Namespace namespace) {
        this.language = language;
        this.object = object;
        this.entry = entry;
        this.settings = settings;
        this.namespace = namespace;
        this.hasTimers = object.spec().maps().stream().anyMatch(map -> map.hasTimer() || map.inner() != null && map.inner().hasTimer());
        this.firstProgram = namespace.add(this, object.spec().programs().size());
        this.maps = new InstanceMaps(object, settings.safety, settings.maxMapMemory, surroundings.seed(), namespace, firstProgram);
        this.programs = new ProgramSet(surroundings, settings.throwsTraps);
        try {
            maps.makeAll();
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    /** What it shares with other instances. */
    public VerifiedObject object() {
        return object;
    }

    /** The same maps under programs that see other surroundings. Closing it closes those programs only, and comes before closing this instance. */
    public LoadedObject in(Surroundings surroundings) {
        return new ProgramSet(surroundings, false);
    }

    @Override
    public List<BpfMap> maps() {
        return maps.all();
    }

    /** The map of that name, or null. */
    public BpfMap map(String name) {
        return maps.map(name);
    }

    @Override
    public List<String> programNames() {
        return object.spec().programs().stream().map(ProgramSpec::name).toList();
    }

    @Override
    public int programNumber(String name) {
        return maps.programNumber(name);
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

    /**
     * Has a trap thrown as what it is for guests.
     *
     * @throws EbpfException always
     */
    public void throwTrap(ProgramSpec program, Trap trap) {
        // Of the program's own object: a tail call can have led to another one.
        ProgramSpec own = object.spec().program(program.name()).orElse(null);
        new TrapRootNode(language, program, trap, own == program ? object.location(program, trap.slot()) : null).getCallTarget().call();
    }

    /** Where and what in one line: program, C line with its text, instruction, fault. */
    static String describe(ProgramSpec program, int slot, String what) {
        ProgramSpec.Line line = program.lineAt(slot);
        String place = line == null ? "" : " (" + OneLine.of(line) + ")";
        return "program '" + program.name() + "', instruction " + slot + place + " " + what;
    }

    /**
     * Closes its programs and maps, pinned ones when nobody else has them. Objects that share a pinned map of programs or of maps can be led to each
     * other's, so for the open ones these go on to work, as in the kernel, until the last of them is closed.
     */
    @Override
    public void close() {
        closed = true;
        namespace.releaseClosed();
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether open objects can be led to its programs and maps. */
    boolean isLinked() {
        return maps.isLinked();
    }

    /** Frees everything. */
    void release() {
        closed = true;
        released = true;
        namespace.timers().close(this);
        programs.close();
        maps.close();
        namespace.remove(firstProgram, this);
    }

    /** Whether it holds nothing any more. */
    public boolean isReleased() {
        return released;
    }

    /** Programs over this instance's maps, all in the same surroundings. */
    private final class ProgramSet implements LoadedObject, TailCallTargets, Program.Attachable, VariantBuilder.Programs {
        private final Surroundings surroundings;
        private final Map<String, Program> programs = new HashMap<>();
        /** Of the programs that are there, by name. */
        private final Map<String, Parts> parts = new ConcurrentHashMap<>();
        /** As in the settings. */
        private final boolean throwsTraps;
        /** Sets in the same surroundings that tail calls lead to and from, this one among them. */
        private final Map<Instance, ProgramSet> family;

        ProgramSet(Surroundings surroundings, boolean throwsTraps, Map<Instance, ProgramSet> family) {
            this.surroundings = surroundings;
            this.throwsTraps = throwsTraps;
            this.family = family;
        }

        /** The first of a family. */
        ProgramSet(Surroundings surroundings, boolean throwsTraps) {
            this(surroundings, throwsTraps, new ConcurrentHashMap<>());
            family.put(Instance.this, this);
        }

        @Override
        public Program program(String name) {
            if (closed) {
                throw new EbpfException(Failure.USAGE, "program '" + name + "' is closed");
            }
            return built(name);
        }

        /** What all variants of a program are made of. */
        private record Parts(VerifiedProgram verified, ProgramBindings bindings) {
        }

        private synchronized Program built(String name) {
            return programs.computeIfAbsent(name, this::build);
        }

        private Program build(String name) {
            VerifiedProgram program = object.optimized(name, entry, settings.safety, settings.passes);
            List<BpfMap> used = new ArrayList<>();
            MapTable table = program.analysis().maps();
            for (int number = 0; number < table.maps().size(); number++) {
                used.add(table.isTemplate(number) ? null : maps.map(table.maps().get(number).name()));
            }
            HelperEnvironment environment = new HelperEnvironment(surroundings.clock(), line -> settings.output.accept(name + ": " + line),
                            settings.foldsChecksums, new SynCookies(surroundings.seed()), surroundings.network());
            TrapLog traps = new TrapLog((worker, trap, first) -> tell(program.spec(), worker.listener(), trap, first), throwsTraps);
            ProgramTimers timers = new ProgramTimers(namespace.timers(), Instance.this, surroundings.clock());
            ProgramBindings bindings = new ProgramBindings(used.toArray(BpfMap[]::new), maps, environment, traps,
                            new ProgramScopes(object.lines(program.spec()), program.spec(), Instance.this::maps, object::debugInfo), this,
                            timers, settings.loopBudget, FoldedMaps.NONE, settings.watcher, settings.sampled, settings.partLimit);
            namespace.watch().addWriter(Instance.this, MapWrites.of(program), table, bindings.maps());
            parts.put(name, new Parts(object.program(name, entry, settings.safety), bindings));
            for (TimerCallback callback : program.callbacks()) {
                timers.add(callback.function(), isFor(table, callback.map()), NodeBuilder.build(language, callback.program(), bindings));
            }
            RootCallTarget target = NodeBuilder.build(language, program, bindings);
            Specialization specialization = settings.compiler == null ? null : new Specialization(name, programNumber(name), namespace.watch(), this,
                            settings.compiler, settings.output, settings.log);
            return new Program(name, program.spec().handlesFragments(), target, timers.targets(), surroundings, maps, this, this::newTimerRunner,
                            specialization);
        }

        @Override
        public RootCallTarget build(int program, VariantBuilder variant, TailCallTargets others) {
            ProgramSet set = setOf(program);
            String name = nameOf(program);
            set.built(name);
            Parts all = set.parts.get(name);
            KnownContents contents = new KnownContents(variant, all.verified.analysis().maps(), all.bindings.maps());
            VerifiedProgram special = Optimizer.optimize(all.verified.where(contents), settings.passes);
            return NodeBuilder.build(language, special, all.bindings.with(contents, others));
        }

        @Override
        public RootCallTarget generic(int program) {
            return target(program);
        }

        /** Who throws has no need of a line besides. */
        private void tell(ProgramSpec program, TrapListener listener, Trap trap, boolean first) {
            if (listener != null) {
                listener.trapped(program, trap);
            }
            if (first && !(throwsTraps && listener != null)) {
                settings.output.accept("trapped: " + describe(program, trap.slot(), trap.text()) +
                                (trap.registers().isEmpty() ? "" : "; " + trap.registers()) +
                                object.explanation(program.name(), entry, settings.safety, trap.slot()) + " (XDP_ABORTED; reported once)");
            }
        }

        private Predicate<BpfMap> isFor(MapTable table, int number) {
            if (table.isTemplate(number)) {
                MapSpec template = table.maps().get(number);
                return map -> InstanceMaps.isLike(map, template) && map.definition().fields().timer() == template.timer();
            }
            BpfMap only = maps.map(table.maps().get(number).name());
            return map -> map == only;
        }

        /** Null for an object without timers. */
        private TimerRunner newTimerRunner(int cpu) {
            return hasTimers ? new TimerRunner(namespace.timers(), Instance.this, surroundings.clock(), new Worker(cpu, surroundings.seed())) : null;
        }

        @Override
        public RootCallTarget target(int program) {
            return setOf(program).built(nameOf(program)).target();
        }

        private ProgramSet setOf(int program) {
            return family.computeIfAbsent(namespace.instanceOf(program), other -> other.new ProgramSet(surroundings, throwsTraps, family));
        }

        private String nameOf(int program) {
            Instance owner = namespace.instanceOf(program);
            return owner.object.spec().programs().get(program - owner.firstProgram).name();
        }

        /** Without those that are rejected: no map takes them. */
        @Override
        public List<RootCallTarget> all() {
            List<RootCallTarget> targets = new ArrayList<>();
            for (ProgramSpec program : object.spec().programs()) {
                int number = programNumber(program.name());
                if (Stream.of(MapKind.DEVMAP, MapKind.CPUMAP).anyMatch(kind -> maps.isAttachable(number, kind))) {
                    targets.add(target(number));
                }
            }
            return targets;
        }

        @Override
        public Collection<RootCallTarget> tailCalled(RootCallTarget first) {
            Set<RootCallTarget> reached = new LinkedHashSet<>();
            Deque<RootCallTarget> pending = new ArrayDeque<>(List.of(first));
            while (!pending.isEmpty()) {
                RootCallTarget next = pending.remove();
                if (reached.add(next) && NodeBuilder.makesTailCalls(next)) {
                    NodeBuilder.updateTailCalls(next);
                    Arrays.stream(current()).mapToObj(this::target).forEach(pending::add);
                }
            }
            return reached;
        }

        @Override
        public int[] current() {
            return maps.all().stream().filter(ProgramArrayMap.class::isInstance)
                            .flatMapToInt(map -> Arrays.stream(((ProgramArrayMap) map).programIds())) //
                            .distinct().toArray();
        }

        @Override
        public List<BpfMap> maps() {
            return Instance.this.maps();
        }

        @Override
        public List<String> programNames() {
            return Instance.this.programNames();
        }

        @Override
        public int programNumber(String name) {
            return maps.programNumber(name);
        }

        @Override
        public BpfMap newMap(MapSpec spec) {
            return maps.make(spec);
        }

        /** Of the other sets of the family no program has been given to anybody. */
        @Override
        public synchronized void close() {
            programs.values().forEach(Program::close);
            programs.clear();
        }
    }
}
