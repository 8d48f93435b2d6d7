package org.trufflebpf.bench;

import com.oracle.truffle.api.exception.AbstractTruffleException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.trufflebpf.language.run.CommandException;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.launcher.FurtherCommand;

/** {@code ebpf bench}. */
public final class BenchCommand implements FurtherCommand {
    private static final int FAILED = 1;
    /** In which each carrier has a turn of so many nanoseconds. */
    private static final int ROUNDS = 5;
    private static final int QUICK_ROUNDS = 1;
    private static final long PORT_WINDOW = TimeUnit.MILLISECONDS.toNanos(500);
    private static final String AVERAGE = "xdp-firewall";

    @Override
    public String word() {
        return "bench";
    }

    @Override
    public String operands() {
        return "OBJECT | --all [NAME...]";
    }

    @Override
    public String description() {
        return "nanoseconds per packet, beside the kernel's and native code's";
    }

    @Override
    public List<Option> options() {
        return BenchArguments.OPTIONS;
    }

    @Override
    public int run(Context.Builder builder, List<String> arguments, PrintStream out, PrintStream err) {
        try {
            BenchArguments parsed = BenchArguments.parse(arguments);
            try (WholeFiles files = new WholeFiles()) {
                Path json = parsed.json() == null ? null : files.create(Path.of(parsed.json()));
                Charts charts = parsed.plots() == null ? null : new Charts(files, WholeFiles.folder(parsed.plots()), parsed.ports());
                run(builder, parsed, json, charts, out);
                files.commit();
            }
            return 0;
        } catch (CommandException e) {
            err.println("ebpf: bench: " + e.getMessage());
            return e.exitStatus();
        } catch (AbstractTruffleException | MissingException | IllegalStateException e) {
            err.println("ebpf: bench: " + e.getMessage());
            return FAILED;
        } catch (IOException e) {
            err.println("ebpf: bench: cannot be written: " + e.getMessage());
            return FAILED;
        }
    }

    /**
     * @param json where results go, or null
     * @param charts null for none
     */
    private static void run(Context.Builder builder, BenchArguments arguments, Path json, Charts charts, PrintStream out)
                    throws MissingException, IOException {
        List<WarmUp> warmUps = charts == null ? List.of() : warmUp(builder, arguments);
        try (TruffleEngine engine = new TruffleEngine(builder); Race race = new Race()) {
            List<Scenario> scenarios = arguments.all() ? Scenarios.named(arguments.names()) : List.of(arguments.scenario(engine));
            Column floor = race.enter(() -> KernelContestant.floor(scenarios.getFirst().packet()));
            List<Comparison> comparisons = new ArrayList<>();
            for (Scenario scenario : scenarios) {
                comparisons.add(Comparison.enter(race, scenario, engine, floor, object -> fill(object, scenario, arguments)));
            }
            race.run(arguments.windows());
            out.print(BenchTable.text(comparisons, arguments.windows()));
            List<List<Carriage>> carriages = arguments.ports() ? carry(engine, comparisons, arguments) : null;
            if (carriages != null) {
                out.print(PortTable.text(comparisons, carriages));
            }
            if (json != null) {
                Files.writeString(json, BenchJson.text(comparisons, carriages));
            }
            if (charts != null) {
                charts.write(comparisons, warmUps, carriages);
            }
        }
    }

    /** Each program by each carrier. */
    private static List<List<Carriage>> carry(TruffleEngine engine, List<Comparison> comparisons, BenchArguments arguments) {
        List<Carrier> carriers = new ArrayList<>(List.of(new KernelCarrier(), new XskCarrier(engine)));
        for (DpdkDevice device : DpdkDevice.values()) {
            DpdkCarrier ours = new DpdkCarrier(engine, device);
            carriers.addAll(List.of(ours, new TestpmdCarrier(ours)));
        }
        try {
            List<List<Carriage>> all = new ArrayList<>();
            for (Comparison comparison : comparisons) {
                all.add(Carriage.measure(comparison, carriers, arguments.quick() ? QUICK_ROUNDS : ROUNDS, PORT_WINDOW));
            }
            return all;
        } finally {
            carriers.forEach(Carrier::close);
        }
    }

    /** Of one program of average length, before anything else was compiled: the compiler, too, gets faster. */
    private static List<WarmUp> warmUp(Context.Builder builder, BenchArguments arguments) throws MissingException {
        if (!arguments.all()) {
            try (TruffleEngine engine = new TruffleEngine(builder)) {
                return WarmUp.measure(builder, arguments.scenario(engine));
            }
        }
        return WarmUp.measure(builder, Scenarios.named(arguments.names().contains(AVERAGE) ? AVERAGE : arguments.names().getFirst()));
    }

    /** What a file or a control program puts into maps. */
    private static void fill(LoadedObject object, Scenario scenario, BenchArguments arguments) {
        if (arguments.mapInit() != null) {
            MapFilling.fromFile(object, Path.of(arguments.mapInit()));
        }
        if (arguments.control() != null) {
            MapFilling.byControlProgram(object, scenario.program().name(), arguments.control());
        }
    }
}
