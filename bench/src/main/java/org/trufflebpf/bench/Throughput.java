package org.trufflebpf.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a carrier reached.
 *
 * @param packetsPerSecond that the program judged
 * @param inProgram nanoseconds per packet in the program; NaN if not known
 * @param around nanoseconds of the processor per packet for all else: receiving, doing what the verdict says, sending; NaN if not known
 */
record Throughput(double packetsPerSecond, double inProgram, double around) {
    /** Of each number the median. */
    static Throughput median(List<Throughput> rounds) {
        return new Throughput(median(rounds, Throughput::packetsPerSecond), median(rounds, Throughput::inProgram), median(rounds, Throughput::around));
    }

    private static double median(List<Throughput> rounds, ToDoubleFunction<Throughput> number) {
        Series series = new Series();
        rounds.stream().mapToDouble(number).forEach(series::add);
        return series.median();
    }
}
