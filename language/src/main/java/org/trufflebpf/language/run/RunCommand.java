package org.trufflebpf.language.run;

import com.oracle.truffle.api.Truffle;
import com.oracle.truffle.api.TruffleLanguage.Env;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Progress;
import org.trufflebpf.io.loop.Workers;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.io.port.Port;
import org.trufflebpf.io.xsk.Rehearsal;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** Runs a program over ports. Several threads may run at the same time, each with maps of its own. */
final class RunCommand {
    /** Nanoseconds from one look at the numbers of a live run to the next. */
    private static final long USUAL_INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Env env;
    private final Machine machine;
    private final CommandFiles files;
    private final Companion.Starter companions;
    private final Set<Run> running = ConcurrentHashMap.newKeySet();

    RunCommand(Env env, Machine machine, CommandFiles files, Companion.Starter companions) {
        this.env = env;
        this.machine = machine;
        this.files = files;
        this.companions = companions;
    }

    /** With maps of its own. */
    void run(ObjectSpec object, RunArguments arguments) {
        ProgramSpec program = program(object, arguments.program());
        run(surroundings -> machine.load(object, surroundings), program, arguments);
    }

    /** @param loader is asked once all files are open; what it gives is closed afterwards */
    RunReport run(Function<Surroundings, LoadedObject> loader, ProgramSpec program, RunArguments arguments) {
        if (arguments.ports().isEmpty()) {
            throw noPort();
        }
        try (Run run = new Run(arguments, program.handlesFragments())) {
            running.add(run);
            try {
                return run.run(loader, program.name());
            } finally {
                running.remove(run);
            }
        } catch (IOException e) {
            throw CommandException.failed(e.getMessage());
        }
    }

    static CommandException noPort() {
        return CommandException.usage("no port: add --port with " + PortSpec.KINDS);
    }

    /** Asks all runs to end, as if their input had ended. */
    void stop() {
        running.forEach(Run::stop);
    }

    /** The program of that name, or for null the only one that is not for entries of maps. */
    static ProgramSpec program(ObjectSpec object, String wanted) {
        String names = object.programs().stream().map(ProgramSpec::name).collect(Collectors.joining(", "));
        if (wanted == null) {
            List<ProgramSpec> candidates = object.programs().stream()
                    .filter(program -> program.attachment() == ProgramSpec.Attachment.INTERFACE).toList();
            return switch (candidates.size()) {
                case 0 -> throw CommandException.failed("the object has no program" + (names.isEmpty() ? "" : " but for entries of maps: " + names));
                case 1 -> candidates.getFirst();
                default -> throw CommandException.usage("the object has several programs: choose one with --program: " + names);
            };
        }
        return object.program(wanted).orElseThrow(() -> CommandException.usage("--program " + wanted + ": the object has no such program, but "
                + (names.isEmpty() ? "none" : names)));
    }

    /** One run and what it has open. */
    private final class Run implements AutoCloseable {
        private final RunArguments arguments;
        private final RunPorts ports;
        private PassTarget pass = PassTarget.drop();
        private WholeFile dump;
        private final OutputFiles outputs;
        private volatile boolean stopRequested;
        private volatile Workers workers;
        private volatile LiveStatistics live;
        /** System.nanoTime, 0 for not yet. */
        private volatile long started;
        private volatile long ended;

        Run(RunArguments arguments, boolean fragments) {
            this.arguments = arguments;
            this.outputs = new OutputFiles(files, arguments.ports().stream().filter(PortSpec.Capture.class::isInstance).map(PortSpec::input).toList());
            this.ports = new RunPorts(files, outputs, arguments.surroundings().seed(), fragments, arguments.workers());
        }

        RunReport run(Function<Surroundings, LoadedObject> loader, String programName) throws IOException {
            openFiles();
            List<Integer> numbers = arguments.ports().stream().map(PortSpec::ifindex).toList();
            try (Environment environment = Environment.open(arguments.environment(), numbers, env, files);
                    LoadedObject loaded = loader.apply(arguments.surroundings().in(environment.view()));
                    RunSockets _ = new RunSockets(loaded.maps(), ports.queues())) {
                MapFile maps = new MapFile(loaded.maps());
                if (arguments.mapInit() != null) {
                    maps.fill(arguments.mapInit(), files.read(arguments.mapInit()));
                }
                RunnableProgram program = loaded.program(programName);
                prepare(program);
                CommandException broken = loop(loaded, program, programName);
                RunReport report = report(program, programName);
                printStatistics(report);
                if (dump != null) {
                    writeMaps(maps);
                }
                if (broken != null) {
                    throw broken;
                }
                return report;
            }
        }

        /** All files are opened before anything runs, so that a wrong name costs no time and leaves nothing behind. */
        private void openFiles() throws IOException {
            if (arguments.isLive() && !env.isNativeAccessAllowed()) {
                throw CommandException.failed("ports of network interfaces: the embedder does not allow native access");
            }
            ports.open(arguments.ports(), arguments.busyPoll(), this::tell);
            ports.link(arguments.stack(), this::tell);
            if (arguments.pass() != null) {
                pass = PassTarget.to(new CaptureWriter(outputs.create(arguments.pass())));
            }
            if (arguments.mapDump() != null) {
                dump = outputs.create(arguments.mapDump());
            }
            if (arguments.saveTraps() != null) {
                files.createFolder(arguments.saveTraps());
            }
        }

        private void prepare(RunnableProgram program) {
            if (program.compile()) {
                program.specialize();
                return;
            }
            if (arguments.allowInterpreter()) {
                return;
            }
            String reason = isInterpreted() ? "there is no Graal compiler (start Java as bin/ebpf does)"
                    : "the program is too large for the compiler";
            if (arguments.isLive()) {
                throw CommandException.failed("live ports need a compiled program, but " + reason + ": add --allow-interpreter to run it all the same");
            }
            tell("warning: packets are processed by the interpreter, very slowly, as " + reason + "; --allow-interpreter silences this");
        }

        /** Any thread may call. */
        private void tell(String message) {
            Runnable print = () -> print(env.err(), "ebpf: " + message + System.lineSeparator());
            LiveStatistics shown = live;
            if (shown == null) {
                print.run();
            } else {
                shown.aside(print);
            }
        }

        /** @return why a port could not be read to its end, or how the companion failed, after everything else was done; or null */
        private CommandException loop(LoadedObject loaded, RunnableProgram program, String name) throws IOException {
            boolean hasBar = arguments.progress() && form() != LiveStatistics.Form.TABLE;
            try (ProgressBar bar = hasBar ? new ProgressBar(env.err(), ProgressBar.PATIENCE) : null;
                    TrapSaver traps = arguments.saveTraps() == null ? null : new TrapSaver(files, arguments.saveTraps(), arguments.surroundings(),
                            arguments.isLive() ? new BackgroundWriter(this::newThread) : null, this::tell)) {
                PollLoop.Settings settings = PollLoop.Settings.DEFAULT.withCount(arguments.count()).withDuration(arguments.duration())
                        .withProgress(bar == null ? Progress.NONE : bar)
                        .withWaiter(arguments.busyPoll() ? Waiters.SPIN : Waiters.SLEEP);
                List<Workers.Worker> all = new ArrayList<>();
                for (List<Port> own : ports.ofWorkers()) {
                    all.add(new Workers.Worker(own, ports.companions().get(all.size()), processor(program, name, loaded, traps, all.size())));
                }
                if (arguments.isLive()) {
                    Rehearsal.run(all.stream().map(Workers.Worker::processor).toList(), program.handlesFragments(), !arguments.stack().isEmpty(),
                            settings.waiter());
                }
                workers = new Workers(all, pass, settings);
                try (Companion companion = companion(loaded, program, name)) {
                    CommandException broken = poll(() -> report(program, name));
                    try {
                        if (companion != null) {
                            companion.finish();
                        }
                        return broken == null && traps != null ? traps.finish() : broken;
                    } catch (CommandException e) {
                        return e;
                    }
                }
            }
        }

        private static BurstProcessor processor(RunnableProgram program, String name, LoadedObject loaded, TrapSaver traps, int cpu) {
            return traps == null ? program.newProcessor(cpu) : traps.processor(program, name, loaded.maps(), cpu);
        }

        /** How the numbers so far are shown, or null if they are not: for people on the error stream, where no other output is in the way. */
        private LiveStatistics.Form form() {
            boolean asked = arguments.interval() > 0;
            return switch (arguments.statistics()) {
                case TABLE -> !asked && !arguments.isLive() ? null : arguments.progress() ? LiveStatistics.Form.TABLE : LiveStatistics.Form.LINES;
                case JSON -> asked ? LiveStatistics.Form.JSON : null;
                case NONE -> null;
            };
        }

        private LiveStatistics show(Supplier<RunReport> reports) {
            LiveStatistics.Form form = form();
            return form == null ? null : new LiveStatistics(form == LiveStatistics.Form.JSON ? env.out() : env.err(), form,
                    arguments.interval() > 0 ? arguments.interval() : USUAL_INTERVAL, reports);
        }

        private Companion companion(LoadedObject loaded, RunnableProgram program, String name) {
            return arguments.control() == null ? null
                    : companions.start(new Running(name, loaded.programNames(), loaded.maps(), () -> report(program, name), this::stop), arguments.control());
        }

        private CommandException poll(Supplier<RunReport> reports) {
            if (stopRequested) {
                workers.stop();
            }
            started = System.nanoTime();
            try (LiveStatistics shown = show(reports)) {
                live = shown;
                workers.run(this::newThread, Waiters.SLEEP, this::places);
                return null;
            } catch (IOException e) {
                return CommandException.failed(e.getMessage());
            } finally {
                ended = System.nanoTime();
                live = null;
            }
        }

        /** Compilers and collectors must not hold up what comes when it likes. */
        private Processors places(int count) {
            if (!arguments.isLive() || arguments.shareProcessors()) {
                return Processors.shared(count);
            }
            Processors places = Processors.reserved(count);
            String who = count == 1 ? "the worker" : "the " + count + " workers";
            if (places.areReserved()) {
                tell(who + (count == 1 ? " has processor " : " have processors ") + numbers(places.own()) + ", compilers, collectors and all other threads "
                        + numbers(places.others()) + "; --share-processors leaves them together");
            } else {
                tell(who + (count == 1 ? " shares" : " share") + " the processors with compilers and collectors, as there are no more than "
                        + places.others().size());
            }
            return places;
        }

        /** 1, 3-5. */
        private static String numbers(List<Integer> processors) {
            StringJoiner text = new StringJoiner(", ");
            for (int i = 0; i < processors.size(); i++) {
                int first = i;
                while (i + 1 < processors.size() && processors.get(i + 1) == processors.get(i) + 1) {
                    i++;
                }
                text.add(i == first ? "" + processors.get(i) : processors.get(first) + "-" + processors.get(i));
            }
            return text.toString();
        }

        private Thread newThread(Runnable body) {
            try {
                return env.newTruffleThreadBuilder(body).build();
            } catch (IllegalStateException | SecurityException e) {
                throw CommandException.failed((arguments.workers() > 1 ? "--workers " + arguments.workers() : "--save-traps") + ": the embedder does not allow threads");
            }
        }

        /** Any thread may call once there are workers. */
        private RunReport report(RunnableProgram program, String name) {
            long end = ended == 0 ? System.nanoTime() : ended;
            return new RunReport(name, arguments.ports(), workers.statisticsOfEach(), ports.details(), program.traps(),
                    started == 0 ? 0 : (end - started) / 1e9);
        }

        private void printStatistics(RunReport report) {
            switch (arguments.statistics()) {
                case TABLE -> print(env.out(), report.table());
                case JSON -> print(env.out(), report.json());
                case NONE -> {
                }
            }
        }

        private void writeMaps(MapFile maps) throws IOException {
            try (OutputStream stream = Channels.newOutputStream(dump.channel())) {
                maps.write(stream);
            } catch (IOException e) {
                throw new IOException(dump.name() + ": cannot be written: " + CommandFiles.reason(e), e);
            }
            dump.commit();
        }

        void stop() {
            stopRequested = true;
            Workers current = workers;
            if (current != null) {
                current.stop();
            }
        }

        @Override
        public void close() throws IOException {
            ports.close();
            pass.close();
            outputs.close();
        }
    }

    private static boolean isInterpreted() {
        return Truffle.getRuntime().getName().equals("Interpreted");
    }

    private static void print(OutputStream stream, String text) {
        PrintStream printer = new PrintStream(stream, false, StandardCharsets.UTF_8);
        printer.print(text);
        printer.flush();
    }
}
