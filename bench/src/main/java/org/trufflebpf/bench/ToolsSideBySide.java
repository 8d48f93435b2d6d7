package org.trufflebpf.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;

/**
 * Prints what it costs that debuggers, profilers and coverage are there when nobody asks for them: two processes, one of which lacks them, measure the
 * same programs in turns. Arguments: names of programs, none for some of each kind.
 */
public final class ToolsSideBySide {
    private static final List<String> USUAL = List.of("xdp_pass", "xdp_drop", "xdp_tx", "xdp_map_access", "xdp_maps", "xdp_csum", "xdp_hash_sum", "xdp-firewall",
                    "xdp_fw", "xdp-acl", "l4lb");
    /** Turns; from turn to turn the processes change who is first. */
    private static final int TURNS = 30;
    /** Of each turn; in the first the caches still hold what others used. */
    private static final int WINDOWS = 3;
    private static final int END_SECONDS = 10;
    /** Says that this is one of the two processes. */
    private static final String MEASURE = "--measure";
    /** What the tools' jars are called. */
    private static final String TOOLS = "(chromeinspector|dap|coverage|profiler)-tool.*\\.jar";

    private ToolsSideBySide() {
    }

    public static void main(String[] arguments) throws IOException {
        try {
            if (List.of(arguments).equals(List.of(MEASURE))) {
                measure(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)), System.out);
            } else {
                compare(arguments.length == 0 ? USUAL : List.of(arguments), System.out);
            }
        } catch (MissingException e) {
            System.err.println("ToolsSideBySide: " + e.getMessage());
            System.exit(1);
        }
    }

    /** Answers each line, a program's name, by what {@link Result} reads, until there are no more. */
    private static void measure(BufferedReader names, PrintStream answers) throws IOException, MissingException {
        Map<String, Lane> lanes = new HashMap<>();
        try (TruffleEngine engine = new TruffleEngine()) {
            for (String name = names.readLine(); name != null; name = names.readLine()) {
                Lane lane = lanes.get(name);
                if (lane == null) {
                    lane = Lane.enter(engine, Scenarios.named(name));
                    lanes.put(name, lane);
                }
                lane.race.run(WINDOWS);
                answers.println(lane.bytes + " " + lane.column.minimum());
            }
            lanes.values().forEach(lane -> lane.race.close());
        }
    }

    /** @param bytes of its machine code */
    private record Lane(Race race, Column column, int bytes) {
        static Lane enter(TruffleEngine engine, Scenario scenario) {
            Race race = new Race();
            LoadedObject object = race.own(engine.load(scenario.spec()));
            MapCopy.fill(object, scenario.entries());
            RunnableProgram program = object.program(scenario.program().name());
            CodeSize size = CodeSize.watch();
            program.compile();
            int bytes = size.stop();
            program.specialize();
            PacketBurst burst = new PacketBurst(scenario.packets());
            BurstProcessor processor = TruffleEngine.processor(program, scenario, burst);
            boolean steady = burst.isSteady(processor);
            return new Lane(race, race.enter(() -> new BurstContestant(burst, processor, !steady, () -> { })), bytes);
        }
    }

    private static void compare(List<String> programs, PrintStream out) throws IOException {
        programs.forEach(Scenarios::named);
        try (Measurer without = new Measurer(false); Measurer with = new Measurer(true)) {
            Map<String, Result> lacking = new HashMap<>();
            Map<String, Result> having = new HashMap<>();
            for (int turn = 0; turn < TURNS; turn++) {
                for (String program : programs) {
                    boolean isEven = turn % 2 == 0;
                    (isEven ? lacking : having).put(program, (isEven ? without : with).measure(program));
                    (isEven ? having : lacking).put(program, (isEven ? with : without).measure(program));
                }
            }
            out.println(Checkout.machine());
            out.printf("Nanoseconds per packet and bytes of machine code without tools and with tools that nobody asks for: minima of %d windows of %d ms, in turns.%n",
                            TURNS * WINDOWS, Race.WINDOW_NANOSECONDS / 1_000_000);
            out.printf("%-18s%9s%9s%7s%9s%9s%n", "program", "without", "with", "ratio", "without", "with");
            for (String program : programs) {
                Result before = lacking.get(program);
                Result after = having.get(program);
                out.printf(Locale.ROOT, "%-18s%9.2f%9.2f%7.2f%9d%9d%n", program, before.nanoseconds, after.nanoseconds, after.nanoseconds / before.nanoseconds,
                                before.bytes, after.bytes);
            }
        }
    }

    /**
     * Of all windows so far.
     *
     * @param bytes of machine code
     * @param nanoseconds per packet, the minimum
     */
    private record Result(int bytes, double nanoseconds) {
        static Result parse(String line) {
            String[] parts = line.split(" ");
            return new Result(Integer.parseInt(parts[0]), Double.parseDouble(parts[1]));
        }
    }

    /** A process that measures when it is asked to. */
    private static final class Measurer implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;
        private final PrintStream questions;

        Measurer(boolean hasTools) throws IOException {
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
            for (String folder : List.of("launcher", "bench")) {
                command.add("@" + Checkout.root().resolve(folder).resolve("jvm.flags"));
            }
            String compiler = System.getProperty("jdk.module.upgrade.path");
            if (compiler != null) {
                command.addAll(List.of("--upgrade-module-path", compiler));
            }
            command.addAll(List.of("-p", String.join(File.pathSeparator, modules(hasTools)), "--add-modules", "ALL-MODULE-PATH", "-m",
                            "org.trufflebpf.bench/" + ToolsSideBySide.class.getName(), MEASURE));
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            answers = process.inputReader(StandardCharsets.US_ASCII);
            questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        }

        /** This process's module path, whose folders are told by what is in them. */
        private static List<String> modules(boolean hasTools) throws IOException {
            List<String> modules = new ArrayList<>();
            boolean found = false;
            for (String entry : System.getProperty("jdk.module.path").split(File.pathSeparator)) {
                Path path = Path.of(entry);
                List<Path> parts = new ArrayList<>();
                if (!Files.isDirectory(path) || Files.exists(path.resolve("module-info.class"))) {
                    parts.add(path);
                } else {
                    try (DirectoryStream<Path> jars = Files.newDirectoryStream(path, "*.jar")) {
                        jars.forEach(parts::add);
                    }
                }
                for (Path part : parts) {
                    boolean isTool = part.getFileName().toString().matches(TOOLS);
                    found |= isTool;
                    if (hasTools || !isTool) {
                        modules.add(part.toString());
                    }
                }
            }
            if (!found) {
                throw new IllegalStateException("no tools on the module path: there is nothing to compare");
            }
            return modules;
        }

        /** @throws IOException if the process ended */
        Result measure(String program) throws IOException {
            questions.println(program);
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException("a measuring process ended, see above");
            }
            return Result.parse(answer);
        }

        /** It ends when there are no more questions. */
        @Override
        public void close() {
            questions.close();
            try {
                if (process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
        }
    }
}
