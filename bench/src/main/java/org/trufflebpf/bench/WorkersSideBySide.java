package org.trufflebpf.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What two workers get done over generators compared with one, in turns: {@code ebpf run --workers}, once compilers are done, and as a whole. Beside it
 * what two threads of C get done that compute and share nothing ({@code src/main/c/threads.c}): the machine's own limit. Needs two processors, and clang-19
 * for the limit. Arguments: rounds, 5 if there are none.
 */
public final class WorkersSideBySide {
    private static final int SECONDS = 5;
    /** After so many compilers are done. */
    private static final double SETTLED = 2;
    private static final List<Load> LOADS = List.of(new Load("xdp_drop/xdp_drop.o", "gen:eth / ipv4 / udp"),
            new Load("xdp_map_access/xdp_map_access.o", "gen:eth / ipv4 src=10.0.0.0/8 / udp / payload 18 bytes"),
            new Load("xdp_maps/xdp_maps.o", "gen:eth / ipv4 src=10.0.0.0/8 / udp / payload 18 bytes,flows=1000"),
            new Load("xdp_csum/xdp_csum.o", "gen:eth / ipv4 src=10.0.0.0/8 / udp / payload 18 bytes"));

    /** @param port what generates its packets */
    private record Load(String object, String port) {
    }

    /**
     * One run.
     *
     * @param rate packets per second once compilers are done
     * @param nanoseconds of processors per packet then
     * @param whole packets per second from the first to the end
     */
    private record Run(double rate, double nanoseconds, double whole) {
    }

    private WorkersSideBySide() {
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        Path root = Checkout.root();
        System.out.println(Checkout.machine());
        System.out.printf("Medians of %d rounds of %d s, in turns; one worker and two.%n", rounds, SECONDS);
        System.out.printf("%-20s%12s%12s%10s%22s%18s%n", "", "one, Mpps", "two, Mpps", "factor", "processors, ns/packet", "factor of whole");
        for (Load load : LOADS) {
            Series[][] series = {{new Series(), new Series(), new Series()}, {new Series(), new Series(), new Series()}};
            for (int round = 0; round < rounds; round++) {
                for (int workers = 1; workers <= 2; workers++) {
                    Run run = run(root, load, workers);
                    series[workers - 1][0].add(run.rate);
                    series[workers - 1][1].add(run.nanoseconds);
                    series[workers - 1][2].add(run.whole);
                }
            }
            double one = series[0][0].median();
            double two = series[1][0].median();
            System.out.printf(Locale.ROOT, "%-20s%12.2f%12.2f%10.2f%11.2f%11.2f%18.2f%n", load.object.replaceFirst("/.*", ""), one / 1e6, two / 1e6,
                    two / one, series[0][1].median(), series[1][1].median(), series[1][2].median() / series[0][2].median());
        }
        printLimit(root, rounds);
    }

    private static Run run(Path root, Load load, int workers) throws Exception {
        List<String> command = List.of(root.resolve("ebpf").toString(), "run", root.resolve(Checkout.PROGRAMS).resolve(load.object).toString(), "--port",
                load.port, "--workers", Integer.toString(workers), "--duration", Integer.toString(SECONDS), "--stats", "json", "--stats-interval", "1");
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        JsonObject first = null;
        JsonObject last = null;
        ProcessTime firstTime = null;
        ProcessTime lastTime = null;
        JsonObject whole = null;
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                whole = JsonParser.parseString(line).getAsJsonObject();
                double seconds = number(whole, "seconds");
                if (seconds >= SETTLED && seconds < SECONDS) {
                    last = whole;
                    lastTime = ProcessTime.of(process);
                    first = first == null ? last : first;
                    firstTime = firstTime == null ? lastTime : firstTime;
                }
            }
        }
        if (process.waitFor() != 0 || first == last) {
            throw new IllegalStateException("ebpf run does not run");
        }
        double packets = number(last, "packets") - number(first, "packets");
        return new Run(packets / (number(last, "seconds") - number(first, "seconds")), lastTime.minus(firstTime).sum() * 1e9 / packets,
                number(whole, "packets") / number(whole, "seconds"));
    }

    private static double number(JsonObject report, String name) {
        return report.get(name).getAsDouble();
    }

    private static void printLimit(Path root, int rounds) throws Exception {
        Path program = Files.createTempFile("ebpf-bench", "");
        try {
            if (!output("clang-19", "-O3", "-pthread", root.resolve("bench/src/main/c/threads.c").toString(), "-o", program.toString()).isEmpty()) {
                System.out.println("threads of C: clang-19 does not compile them");
                return;
            }
            Series[] series = {new Series(), new Series()};
            for (int round = 0; round < rounds; round++) {
                for (int threads = 1; threads <= 2; threads++) {
                    series[threads - 1].add(Double.parseDouble(output(program.toString(), Integer.toString(threads), "1")));
                }
            }
            System.out.printf(Locale.ROOT, "%-20s%12s%12s%10.2f%n", "threads of C", "", "", series[1].median() / series[0].median());
        } catch (IOException e) {
            System.out.println("threads of C: no clang-19");
        } finally {
            Files.delete(program);
        }
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output.strip();
    }
}
