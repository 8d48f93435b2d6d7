package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The results for people. */
final class BenchTable {
    private static final String ROW = "%-17s%8s%8s%8s|%8s%8s%7s%7s|%8s%8s|%8s%8s|%8s%8s|%7s%9s%7s%n";
    /** Nanoseconds of native code from which on a program counts for the mean: below, the loop over packets is most of it. */
    private static final double COUNTS = 5;

    private BenchTable() {
    }

    /** @param windows of each contestant */
    static String text(List<Comparison> comparisons, int windows) {
        StringBuilder text = new StringBuilder();
        text.append(Checkout.machine()).append(String.format("%nNanoseconds per packet, bursts of %d: minima, medians and 99th percentiles of %d windows of"
                        + " %d ms, the contestants taking turns.%n", PacketBurst.SIZE, windows, Race.WINDOW_NANOSECONDS / 1_000_000));
        text.append(String.format("""
                kernel: BPF_PROG_TEST_RUN in whole nanoseconds, less the floor: the same for a program that only returns, and restores the packet (*).
                image: the kernel's machine code, called here through a pointer: the kernel's figure for programs below 10 ns.
                native: the C source by clang -O3 with helpers, maps and burst loop inlined. Ratios are of minima.

                """));
        text.append(String.format(ROW, "program", "ours", "median", "p99", "kernel", "median", "floor", "image", "native", "median", "kern/our", "wanted",
                        "our/nat", "wanted", "instr.", "compile", "code"));
        Map<String, List<String>> missing = new LinkedHashMap<>();
        for (Comparison row : comparisons) {
            text.append(row(row));
            for (Column column : List.of(row.ours(), row.kernel(), row.floor(), row.image(), row.nativeCode())) {
                if (column.isMissing()) {
                    missing.computeIfAbsent(column.missing(), reason -> new ArrayList<>()).add(row.scenario().label());
                }
            }
        }
        text.append(means(comparisons));
        missing.forEach((reason, labels) -> text.append("not measured: ").append(reason)
                        .append(labels.size() < comparisons.size() ? " (" + String.join(", ", new LinkedHashSet<>(labels)) + ")" : "").append(System.lineSeparator()));
        return text.toString();
    }

    private static String row(Comparison row) {
        return String.format(ROW, row.scenario().label() + (row.restored() ? " *" : ""), text(row.ours().minimum()), text(row.ours().median()),
                        text(row.ours().p99()), text(row.kernelMinimum()), text(row.kernelMedian()), text(row.floor().minimum()), text(row.image().minimum()),
                        text(row.nativeCode().minimum()), text(row.nativeCode().median()), text(row.kernelToOurs()),
                        text(row.scenario().targets().kernelToOurs()), text(row.oursToNative()), text(row.scenario().targets().oursToNative()),
                        row.scenario().instructions(), String.format(Locale.ROOT, "%.0f ms", row.compiled().milliseconds()), row.compiled().bytes());
    }

    private static String means(List<Comparison> comparisons) {
        double kernel = geometricMean(comparisons, row -> row.kernelMinimum() >= 10 ? row.kernelToOurs() : Double.NaN);
        double nativeCode = geometricMean(comparisons, row -> row.nativeCode().minimum() >= COUNTS ? row.oursToNative() : Double.NaN);
        return String.format("%nGeometric means: kernel/ours %s where the kernel takes 10 ns or more (wanted 3), ours/native %s where native code takes %.0f ns"
                        + " or more (wanted 1).%n", text(kernel), text(nativeCode), COUNTS);
    }

    /** Of what is a number; NaN if nothing is. */
    private static double geometricMean(List<Comparison> comparisons, ToDoubleFunction<Comparison> ratio) {
        DoubleStream logarithms = comparisons.stream().mapToDouble(ratio).filter(each -> !Double.isNaN(each)).map(Math::log);
        return Math.exp(logarithms.average().orElse(Double.NaN));
    }

    private static String text(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }
}
