package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.trufflebpf.bench.Contestant.Outcome;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.maps.EventStream;

/**
 * One program: ours beside the kernel's and native code.
 *
 * @param kernel with the loop of the test run, and what restores packets: {@code floor}
 * @param image the kernel's machine code, called here
 * @param restored whether packets are made what they were between runs
 * @param compiled how ours was compiled
 * @param program ours, usable as long as the race is open
 * @param entries what its maps hold
 */
record Comparison(Scenario scenario, Column ours, Column kernel, Column floor, Column image, Column nativeCode, boolean restored, Compiled compiled,
        RunnableProgram program, List<Scenario.Entry> entries) {
    /** Nanoseconds; below them the kernel's clock, of whole nanoseconds, says too little for a ratio. */
    private static final double COARSE = 5;
    /** Nanoseconds from which on the kernel's own figure is taken even where its machine code can be called here. */
    private static final double LONG = 10;

    /**
     * How our machine code came about.
     *
     * @param milliseconds until it was there
     * @param bytes of it, 0 if that is not known
     */
    record Compiled(double milliseconds, int bytes) {
    }

    /**
     * Takes the program's contestants into a race.
     *
     * @param floor of the kernel, in the same race
     * @param filler does to our maps what the scenario does not say
     * @throws IllegalStateException if they do not agree what becomes of the packet: then they do not run the same program
     */
    static Comparison enter(Race race, Scenario scenario, TruffleEngine engine, Column floor, Consumer<LoadedObject> filler) {
        return new Entrance(race, scenario, engine, filler).enter(floor);
    }

    static Comparison enter(Race race, Scenario scenario, TruffleEngine engine, Column floor) {
        return enter(race, scenario, engine, floor, object -> { });
    }

    /** Prepares the contestants of one program. */
    private static final class Entrance {
        private final Race race;
        private final Scenario scenario;
        private final TruffleEngine engine;
        private final Consumer<LoadedObject> filler;
        private final List<List<Outcome>> outcomes = new ArrayList<>();
        private final LoadedObject own;
        private final List<Scenario.Entry> entries;
        private final RunnableProgram program;
        private final BurstProcessor processor;
        private final PacketBurst burst;
        private final boolean steady;
        private final RestoringWrapper.Change change;
        /** Packets, if nobody takes records out of ring buffers. */
        private final long packetsUntilFull;

        Entrance(Race race, Scenario scenario, TruffleEngine engine, Consumer<LoadedObject> filler) {
            this.race = race;
            this.scenario = scenario;
            this.engine = engine;
            this.filler = filler;
            burst = new PacketBurst(scenario.packets());
            // Finds out what kind of program it is, on maps of its own.
            try (LoadedObject scout = load()) {
                BurstProcessor first = TruffleEngine.processor(scout.program(scenario.program().name()), scenario, burst);
                outcomes.add(burst.judge(first));
                change = new RestoringWrapper.Change(burst.moved(), outcomes.getFirst().getFirst().packet().length() / 2);
                packetsUntilFull = packetsUntilFull(drain(scout));
                steady = burst.isSteady(first);
            }
            own = race.own(load());
            entries = MapCopy.contents(own, scenario.spec().maps());
            program = own.program(scenario.program().name());
            processor = TruffleEngine.processor(program, scenario, burst);
        }

        private LoadedObject load() {
            LoadedObject object = engine.load(scenario.spec());
            MapCopy.fill(object, scenario.entries());
            filler.accept(object);
            return object;
        }

        Comparison enter(Column floor) {
            long start = System.nanoTime();
            CodeSize size = CodeSize.watch();
            program.compile();
            Compiled compiled = new Compiled((System.nanoTime() - start) / 1e6, size.stop());
            // As a run does before its first packet.
            program.specialize();
            outcomes.add(burst.judgeOnce(processor));
            KernelObject object = null;
            Column kernel;
            try {
                object = race.own(new KernelObject(scenario.spec()));
                for (Scenario.Entry entry : entries) {
                    object.put(entry.map(), entry.key(), entry.value());
                }
                KernelObject there = object;
                kernel = race.enter(() -> {
                    Contestant contestant = judged(drained(kernelContestant(there), () -> drain(there), true));
                    checkMaps(there);
                    return contestant;
                });
            } catch (BpfException e) {
                kernel = new Column(null, "kernel: " + e.getMessage());
            }
            Column ours = race.enter(() -> judged(drained(new BurstContestant(burst, processor, !steady, () -> { }), () -> drain(own), false)));
            Column ownFloor = steady || kernel.isMissing() ? floor
                            : race.enter(() -> KernelContestant.restoringFloor(scenario.packet(), change));
            Column image = steady ? race.enter(() -> judged(KernelImage.contestant(scenario)))
                            : new Column(null, "kernel image: only of programs that leave the packet's bounds alone");
            Column nativeCode = race.enter(this::nativeContestant);
            check();
            return new Comparison(scenario, ours, kernel, ownFloor, image, nativeCode, !steady, compiled, program, entries);
        }

        private KernelContestant kernelContestant(KernelObject object) throws MissingException {
            String name = scenario.program().name();
            if (!steady && scenario.packets().size() > 1) {
                throw new MissingException("kernel: packets that the program changes are restored for it one by one only (--packet)");
            }
            return steady ? KernelContestant.of(object, name, scenario.packets())
                            : KernelContestant.restoring(object, name, scenario.packet(), change);
        }

        private Contestant nativeContestant() throws MissingException {
            NativeProgram compiled = NativeProgram.compile(scenario);
            try {
                for (Scenario.Entry entry : entries) {
                    compiled.put(scenario.spec().map(entry.map()).orElseThrow(), entry.key(), entry.value());
                }
                Contestant contestant = new BurstContestant(new PacketBurst(scenario.packets()), compiled, !steady, compiled::close);
                return judged(drained(contestant, compiled::drain, false));
            } catch (MissingException e) {
                compiled.close();
                throw e;
            }
        }

        private Contestant drained(Contestant contestant, Runnable drain, boolean inOne) {
            return packetsUntilFull == Long.MAX_VALUE ? contestant : new DrainedContestant(contestant, packetsUntilFull, drain, inOne);
        }

        private Contestant judged(Contestant contestant) {
            outcomes.add(contestant.judge());
            return contestant;
        }

        private void check() {
            for (int i = 0; i < scenario.packets().size(); i++) {
                int packet = i;
                List<Outcome> different = outcomes.stream().map(all -> all.get(packet)).distinct().toList();
                if (different.size() > 1) {
                    throw new IllegalStateException(scenario.label() + ": the contestants do not agree what becomes of packet " + i + ": " + different);
                }
            }
            Verdict verdict = outcomes.getFirst().getFirst().verdict();
            if (scenario.verdict() != null && verdict != scenario.verdict()) {
                throw new IllegalStateException(scenario.label() + ": the packet has the verdict " + verdict + ", not " + scenario.verdict());
            }
        }

        /** After the same packets. */
        private void checkMaps(KernelObject object) {
            String difference = scenario.isRepeatable() ? MapAgreement.difference(scenario.spec().maps(), own, object) : null;
            if (difference != null) {
                throw new IllegalStateException(scenario.label() + ": ours and the kernel's do not leave the same in the maps: " + difference);
            }
        }

        /** Takes all records out of our ring buffers. @return bytes that they took, headers included */
        private long drain(LoadedObject object) {
            long bytes = 0;
            for (MapSpec map : rings()) {
                EventStream ring = (EventStream) object.maps().stream().filter(each -> each.name().equals(map.name())).findFirst().orElseThrow();
                for (EventStream.Event event = ring.take(); event != null; event = ring.take()) {
                    bytes += event.bytes().length + 15 & -8;
                }
            }
            return bytes;
        }

        private void drain(KernelObject object) {
            rings().forEach(map -> object.table(map.name()).drain());
        }

        private List<MapSpec> rings() {
            return scenario.spec().maps().stream().filter(map -> map.type() == Bpf.MAP_TYPE_RINGBUF).toList();
        }

        /** @param bytes that a burst leaves in ring buffers */
        private long packetsUntilFull(long bytes) {
            long room = rings().stream().mapToLong(MapSpec::maxEntries).min().orElse(0);
            return bytes == 0 ? Long.MAX_VALUE : Math.max(1, room * PacketBurst.SIZE / bytes / PacketBurst.SIZE - 1) * PacketBurst.SIZE;
        }
    }

    double kernelMinimum() {
        return kernel.minimum() - floor.minimum();
    }

    /** Less the floor's minimum, as all of the kernel's figures: on a busy machine the floor's median may be farther from it than the program's. */
    double kernelMedian() {
        return kernel.median() - floor.minimum();
    }

    double kernelP99() {
        return kernel.p99() - floor.minimum();
    }

    /** The kernel's time, be it less its floor or that of its machine code called here; NaN where neither says enough. */
    double kernelNanoseconds() {
        double kernelTime = kernelMinimum();
        if (kernelTime < LONG && !image.isMissing()) {
            return image.minimum();
        }
        return kernelTime < COARSE ? Double.NaN : kernelTime;
    }

    /** How often our time is in the kernel's; NaN where that does not say enough. */
    double kernelToOurs() {
        return kernelNanoseconds() / ours.minimum();
    }

    /** How often native code's time is in ours; NaN without native code. */
    double oursToNative() {
        return ours.minimum() / nativeCode.minimum();
    }
}
