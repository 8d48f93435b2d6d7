package org.trufflebpf.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * AF_XDP over veth pairs: {@code ebpf run} beside the same loop in C ({@code src/main/c/xsk.c}). Both run all the time, each on a pair of its own and on the same
 * processor, and the kernel sends 64-byte packets to one of them and then to the other from the other processor. So both are warm, and what else goes on
 * on the machine, often for some seconds, hits both: by whole runs of 15 seconds in turns, ratios went from 0.83 to 1.0 on a shared machine.
 *
 * <p>Needs root, clang-19 and ip. Arguments: rounds, 15 if there are none.
 */
public final class XskSideBySide {
    private static final String NAMESPACE = "ebpf-bench";
    private static final Cable REFERENCE_CABLE = new Cable("ebpfbench0", "ebpfbench1");
    private static final Cable OWN_CABLE = new Cable("ebpfbench2", "ebpfbench3");
    private static final double SECONDS = 1;
    /** Seconds between lines of statistics, as usual. */
    private static final double INTERVAL = 1;
    /** Milliseconds after which the statistics say what came before. */
    private static final long SETTLING = 1500;
    /** Rounds before those that count: compilers have only the worker's processor here, and take what they need of it in the first seconds. */
    private static final int WARM_UP = 5;
    /** Before others on a busy machine: a worker that waits for a processor loses packets, whatever it is written in. */
    private static final List<String> PRIORITY = List.of("chrt", "-r", "10", "taskset", "-c");

    private final Path root;
    private final Path folder;

    private XskSideBySide(Path root, Path folder) {
        this.root = root;
        this.folder = folder;
    }

    /** @param there the end in the namespace */
    private record Cable(String here, String there) {
    }

    /**
     * What a contestant has got so far.
     *
     * @param sampled packets whose time in the program was taken
     * @param inProgram seconds that these took
     */
    private record Counts(double packets, double sampled, double inProgram) {
    }

    /**
     * @param output of the process
     * @param reader of a line of it
     */
    private record Contestant(Process process, Path output, Cable cable, Function<String, Counts> reader) {
        Counts counts() throws IOException {
            return reader.apply(Files.readAllLines(output).getLast());
        }
    }

    /**
     * What a contestant did in a round.
     *
     * @param rate packets per second
     * @param program nanoseconds per packet
     * @param user nanoseconds per packet outside the kernel
     * @param system nanoseconds per packet in the kernel
     */
    private record Result(double rate, double program, double user, double system) {
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
        Path folder = Files.createTempDirectory("ebpf-bench");
        XskSideBySide bench = new XskSideBySide(Checkout.root(), folder);
        try {
            bench.compile("xsk.c", "xsk");
            bench.compile("flood.c", "flood");
            bench.call("ip", "netns", "add", NAMESPACE);
            bench.lay(REFERENCE_CABLE);
            bench.lay(OWN_CABLE);
            System.out.println(Checkout.machine());
            System.out.printf("Medians of %d rounds of %.0f s each, in turns.%n", rounds, SECONDS);
            System.out.printf("%-8s%12s%12s%10s%12s%24s%34s%n", "", "C, Mpps", "ours, Mpps", "ours/C", "by rounds", "C, ns: rings  kernel",
                    "ours, ns: program  rings  kernel");
            bench.compare("drop", "xdp_progs/xdp_drop/xdp_drop.o", rounds);
            bench.compare("l2fwd", "xdp_progs/xdp_tx/xdp_tx.o", rounds);
        } catch (MissingException e) {
            System.err.println("XskSideBySide: " + e.getMessage());
            System.exit(1);
        } finally {
            new ProcessBuilder("ip", "netns", "del", NAMESPACE).start().waitFor();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private void compile(String source, String target) throws Exception {
        call("clang-19", "-O3", root.resolve("bench/src/main/c").resolve(source).toString(), "-o", folder.resolve(target).toString());
    }

    private void lay(Cable cable) throws Exception {
        call("ip", "link", "add", cable.here, "type", "veth", "peer", "name", cable.there, "netns", NAMESPACE);
        call("ip", "link", "set", cable.here, "up");
        call("ip", "-n", NAMESPACE, "link", "set", cable.there, "up");
    }

    private void call(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new MissingException(String.join(" ", command) + ": " + output.lines().findFirst().orElse("failed"));
            }
        } catch (IOException e) {
            throw new MissingException("no " + command[0]);
        }
    }

    private void compare(String mode, String object, int rounds) throws Exception {
        List<Contestant> contestants = new ArrayList<>();
        List<Result> inC = new ArrayList<>();
        List<Result> ours = new ArrayList<>();
        try {
            contestants.add(reference(mode));
            contestants.add(own(object));
            for (int i = 0; i < WARM_UP; i++) {
                round(contestants);
            }
            for (int i = 0; i < rounds; i++) {
                List<Result> results = round(contestants);
                inC.add(results.get(0));
                ours.add(results.get(1));
            }
        } finally {
            for (Contestant contestant : contestants) {
                contestant.process.destroy();
                contestant.process.waitFor();
            }
        }
        double byRounds = median(IntStream.range(0, rounds).mapToDouble(i -> ours.get(i).rate / inC.get(i).rate));
        System.out.printf(Locale.ROOT, "%-8s%12.3f%12.3f%10.3f%12.3f%16.1f%8.1f%19.1f%7.1f%8.1f%n", mode, median(inC, Result::rate) / 1e6,
                median(ours, Result::rate) / 1e6, median(ours, Result::rate) / median(inC, Result::rate), byRounds, median(inC, Result::user),
                median(inC, Result::system), median(ours, Result::program), median(ours, result -> result.user - result.program),
                median(ours, Result::system));
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> figure) {
        return median(results.stream().mapToDouble(figure));
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** Sends packets to one after the other. */
    private List<Result> round(List<Contestant> contestants) throws Exception {
        int size = contestants.size();
        Counts[] before = new Counts[size];
        ProcessTime[] timeBefore = new ProcessTime[size];
        double[] seconds = new double[size];
        for (int i = 0; i < size; i++) {
            before[i] = contestants.get(i).counts();
            timeBefore[i] = ProcessTime.of(contestants.get(i).process);
        }
        for (int i = 0; i < size; i++) {
            seconds[i] = flood(contestants.get(i).cable);
        }
        Thread.sleep(SETTLING);
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Counts counts = contestants.get(i).counts();
            double packets = counts.packets - before[i].packets;
            double sampled = Math.max(1, counts.sampled - before[i].sampled);
            ProcessTime time = ProcessTime.of(contestants.get(i).process).minus(timeBefore[i]);
            results.add(new Result(packets / seconds[i], (counts.inProgram - before[i].inProgram) / sampled * 1e9, time.user() / packets * 1e9,
                    time.system() / packets * 1e9));
        }
        return results;
    }

    private Process start(String processor, Path output, Path errors, String... command) throws IOException {
        List<String> all = new ArrayList<>(PRIORITY);
        all.add(processor);
        all.addAll(List.of(command));
        return new ProcessBuilder(all).directory(root.toFile()).redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    }

    private static void await(Process process, Path file, String text, Path errors) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.readString(file).contains(text)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new MissingException("a contestant does not start: " + Files.readString(errors).strip());
            }
            Thread.sleep(10);
        }
    }

    /** @return how many seconds it lasted */
    private double flood(Cable cable) throws Exception {
        Path output = folder.resolve("flood.out");
        Process process = start("0", output, output, "ip", "netns", "exec", NAMESPACE, folder.resolve("flood").toString(), cable.there,
                Double.toString(SECONDS));
        if (process.waitFor() != 0) {
            throw new MissingException("packets cannot be sent: " + Files.readString(output).strip());
        }
        return Double.parseDouble(Files.readString(output).split(" ")[2]);
    }

    private Contestant reference(String mode) throws Exception {
        Path output = folder.resolve("xsk.out");
        Path errors = folder.resolve("xsk.err");
        Process process = start("1", output, errors, folder.resolve("xsk").toString(), REFERENCE_CABLE.here, mode);
        await(process, output, "0 packets", errors);
        return new Contestant(process, output, REFERENCE_CABLE, line -> new Counts(Long.parseLong(line.split(" ")[0]), 0, 0));
    }

    private Contestant own(String object) throws Exception {
        Path output = folder.resolve("ebpf.out");
        Path errors = folder.resolve("ebpf.err");
        Process process = start("1", output, errors, root.resolve("ebpf").toString(), "run", object, "--port", "xsk:" + OWN_CABLE.here, "--stats", "json",
                "--stats-interval", Double.toString(INTERVAL));
        await(process, output, "}", errors);
        return new Contestant(process, output, OWN_CABLE, line -> {
            JsonObject port = JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("ports").get(0).getAsJsonObject();
            return new Counts(number(port, "received", "packets"), number(port, "timed", "packets"), number(port, "timed", "nanoseconds_in_program") / 1e9);
        });
    }

    private static double number(JsonObject port, String group, String name) {
        return port.getAsJsonObject(group).get(name).getAsDouble();
    }
}
