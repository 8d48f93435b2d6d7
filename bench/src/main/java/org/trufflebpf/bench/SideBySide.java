package org.trufflebpf.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Prints what our programs cost beside the kernel's and native code's, measured in turns. Arguments: names of programs, none for all. */
public final class SideBySide {
    private static final int WINDOWS = 150;
    private static final String ROW = "%-16s%9s%9s%9s%9s%9s%9s%9s%9s%13s%13s%n";

    private SideBySide() {
    }

    public static void main(String[] arguments) {
        try {
            run(arguments);
        } catch (MissingException e) {
            System.err.println("SideBySide: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(String[] arguments) throws MissingException {
        List<String> names = arguments.length == 0 ? Workload.NAMES : List.of(arguments);
        try (TruffleEngine engine = new TruffleEngine(); Race race = new Race()) {
            Column floor = race.enter(() -> KernelContestant.floor(Workload.of(names.getFirst())));
            List<Comparison> comparisons = new ArrayList<>();
            for (String name : names) {
                comparisons.add(Comparison.enter(race, Workload.of(name), engine, floor));
            }
            race.run(WINDOWS);
            print(comparisons, System.out);
        }
    }

    private static void print(List<Comparison> comparisons, PrintStream out) {
        out.println(Checkout.machine());
        out.printf("Nanoseconds per packet of %d bytes, bursts of %d: minima and medians of %d windows of %d ms, the contestants taking turns.%n",
                        Workload.PACKET_LENGTH, PacketBurst.SIZE, WINDOWS, Race.WINDOW_NANOSECONDS / 1_000_000);
        out.println("kernel: BPF_PROG_TEST_RUN in whole nanoseconds, less the floor: the same for a program that only returns.");
        out.println("image: the kernel's machine code, called here through a pointer: the kernel's figure for short programs.");
        out.println("native: the C source by clang -O3 with helpers, maps and burst loop inlined. Ratios are of minima.");
        out.println();
        out.printf(ROW, "program", "ours", "median", "kernel", "median", "floor", "image", "native", "median", "kernel/ours", "ours/native");
        Set<String> missing = new LinkedHashSet<>();
        for (Comparison row : comparisons) {
            out.printf(ROW, row.workload().name(), text(row.ours().minimum()), text(row.ours().median()), text(row.kernelMinimum()),
                            text(row.kernelMedian()), text(row.floor().minimum()), text(row.image().minimum()), text(row.nativeCode().minimum()),
                            text(row.nativeCode().median()), text(row.kernelToOurs()), text(row.oursToNative()));
            for (Column column : List.of(row.ours(), row.kernel(), row.floor(), row.image(), row.nativeCode())) {
                if (column.isMissing()) {
                    missing.add(column.missing());
                }
            }
        }
        missing.forEach(reason -> out.println("not measured: " + reason));
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }
}
