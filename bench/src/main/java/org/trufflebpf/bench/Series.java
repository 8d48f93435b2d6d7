package org.trufflebpf.bench;

import java.util.Arrays;

/** Measured values, all in one unit. */
final class Series {
    private double[] values = new double[64];
    private int count;

    void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    double minimum() {
        return quantile(0);
    }

    double median() {
        return quantile(0.5);
    }

    /**
     * The value that a part of the values does not exceed.
     *
     * @param part 0 to 1
     */
    double quantile(double part) {
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.round(part * (count - 1))];
    }
}
