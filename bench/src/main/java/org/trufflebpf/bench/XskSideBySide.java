package org.trufflebpf.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * AF_XDP over a veth pair: {@code ebpf run} beside the same loop in C ({@code src/main/c/xsk.c}), in turns, while the kernel sends 64-byte packets from the
 * other processor. Needs root, clang-19 and ip. Arguments: rounds, 7 if there are none.
 */
public final class XskSideBySide {
    private static final String NAMESPACE = "ebpf-bench";
    private static final String HERE = "ebpfbench0";
    private static final String THERE = "ebpfbench1";
    private static final double SECONDS = 2;
    /** A flood may last so much longer, until the kernel has sent what it was given. */
    private static final double LONGER = 1.5;
    /** Seconds between lines of statistics, as usual. */
    private static final double INTERVAL = 1;
    /** Milliseconds after which the statistics say what came before. */
    private static final long SETTLING = 1500;
    /** Floods before the one that counts. */
    private static final int WARM_UP = 2;
    /** Before others on a busy machine: a worker that waits for a processor loses packets, whatever it is written in. */
    private static final List<String> PRIORITY = List.of("chrt", "-r", "10", "taskset", "-c");

    private final Path root;
    private final Path folder;

    private XskSideBySide(Path root, Path folder) {
        this.root = root;
        this.folder = folder;
    }

    /**
     * What one of them did.
     *
     * @param rate packets per second
     * @param packets while they came
     * @param time of the processor then
     * @param inProgram seconds per packet
     */
    private record Result(double rate, double packets, ProcessTime time, double inProgram) {
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        Path folder = Files.createTempDirectory("ebpf-bench");
        XskSideBySide bench = new XskSideBySide(Checkout.root(), folder);
        try {
            bench.compile("xsk.c", "xsk");
            bench.compile("flood.c", "flood");
            bench.call("ip", "netns", "add", NAMESPACE);
            bench.call("ip", "link", "add", HERE, "type", "veth", "peer", "name", THERE, "netns", NAMESPACE);
            bench.call("ip", "link", "set", HERE, "up");
            bench.call("ip", "-n", NAMESPACE, "link", "set", THERE, "up");
            System.out.println(Checkout.machine());
            System.out.printf("Medians of %d rounds of %.0f s, in turns.%n", rounds, SECONDS);
            System.out.printf("%-8s%12s%12s%10s%34s%n", "", "C, Mpps", "ours, Mpps", "ours/C", "ours, ns: program  rings  kernel");
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
        List<Result> reference = new ArrayList<>();
        List<Result> ours = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            reference.add(reference(mode));
            ours.add(ours(object));
        }
        double[] nanoseconds = new double[3];
        Arrays.setAll(nanoseconds, part -> median(ours.stream().mapToDouble(result -> switch (part) {
            case 0 -> result.inProgram * 1e9;
            case 1 -> (result.time.user() / result.packets - result.inProgram) * 1e9;
            default -> result.time.system() / result.packets * 1e9;
        }).toArray()));
        double inC = median(reference.stream().mapToDouble(Result::rate).toArray());
        double own = median(ours.stream().mapToDouble(Result::rate).toArray());
        System.out.printf(Locale.ROOT, "%-8s%12.3f%12.3f%10.3f%19.1f%7.1f%8.1f%n", mode, inC / 1e6, own / 1e6, own / inC, nanoseconds[0],
                nanoseconds[1], nanoseconds[2]);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private Process start(String processor, Path output, Path errors, String... command) throws IOException {
        List<String> all = new ArrayList<>(PRIORITY);
        all.add(processor);
        all.addAll(List.of(command));
        return new ProcessBuilder(all).directory(root.toFile()).redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    }

    private static void await(Process process, Path file, String text) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.readString(file).contains(text)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new MissingException("a contestant does not start: " + Files.readString(file).strip());
            }
            Thread.sleep(10);
        }
        Thread.sleep(100);
    }

    /** @return how many seconds it lasted */
    private double flood() throws Exception {
        Path output = folder.resolve("flood.out");
        Process process = start("0", output, output, "ip", "netns", "exec", NAMESPACE, folder.resolve("flood").toString(), THERE,
                Double.toString(SECONDS));
        if (process.waitFor() != 0) {
            throw new MissingException("packets cannot be sent: " + Files.readString(output).strip());
        }
        return Double.parseDouble(Files.readString(output).split(" ")[2]);
    }

    private Result reference(String mode) throws Exception {
        Path output = folder.resolve("xsk.out");
        Process process = start("1", output, output, folder.resolve("xsk").toString(), HERE, mode, Double.toString(SECONDS + LONGER));
        await(process, output, "ready");
        double seconds = flood();
        process.waitFor();
        String[] words = Files.readString(output).lines().toList().getLast().split(" ");
        long packets = Long.parseLong(words[0]);
        return new Result(packets / seconds, packets, new ProcessTime(Double.parseDouble(words[2]), Double.parseDouble(words[5])), 0);
    }

    /** The only port in what was printed last. */
    private static JsonObject port(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output);
        return JsonParser.parseString(lines.getLast()).getAsJsonObject().getAsJsonArray("ports").get(0).getAsJsonObject();
    }

    private static double number(JsonObject port, String group, String name) {
        return port.getAsJsonObject(group).get(name).getAsDouble();
    }

    private Result ours(String object) throws Exception {
        Path output = folder.resolve("ebpf.out");
        Path errors = folder.resolve("ebpf.err");
        Process process = start("1", output, errors, root.resolve("ebpf").toString(), "run", object, "--port", "xsk:" + HERE, "--stats", "json",
                "--stats-interval", Double.toString(INTERVAL));
        try {
            await(process, errors, "receives by");
            // Compilers have only the worker's processor here, and take what they need of it in the first seconds. Statistics in between do, too, all the time.
            for (int i = 0; i < WARM_UP; i++) {
                flood();
            }
            Thread.sleep(SETTLING);
            JsonObject before = port(output);
            ProcessTime timeBefore = ProcessTime.of(process);
            double seconds = flood();
            ProcessTime time = ProcessTime.of(process).minus(timeBefore);
            process.destroy();
            process.waitFor();
            JsonObject after = port(output);
            double packets = number(after, "received", "packets") - number(before, "received", "packets");
            double inProgram = number(after, "timed", "nanoseconds_in_program") - number(before, "timed", "nanoseconds_in_program");
            double sampled = number(after, "timed", "packets") - number(before, "timed", "packets");
            return new Result(packets / seconds, packets, time, inProgram / 1e9 / sampled);
        } finally {
            process.destroyForcibly();
        }
    }
}
