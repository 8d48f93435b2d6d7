package org.trufflebpf.io.generator;

/**
 * Draws flows by Zipf's law in the same time for any number of flows: Walker's alias method as Vose (1991) builds it. Inverting the sum or
 * rejection would take a search or logarithms for every packet.
 */
final class ZipfTable {
    /** Of 2^63, how likely the flow itself is when its column is drawn. */
    private final long[] own;
    private final int[] other;

    /**
     * The flows {@code first}, {@code first + step}, ... below {@code flows}, numbered from 0.
     *
     * @param skew the exponent
     */
    ZipfTable(int first, int step, int flows, double skew) {
        int size = (flows - first + step - 1) / step;
        own = new long[size];
        other = new int[size];
        double[] share = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            share[i] = Math.pow(first + (double) i * step + 1, -skew);
            sum += share[i];
        }
        int[] small = new int[size];
        int[] large = new int[size];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < size; i++) {
            share[i] *= size / sum;
            if (share[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[larges - 1];
            own[less] = (long) (share[less] * 0x1p63);
            other[less] = more;
            share[more] -= 1 - share[less];
            if (share[more] < 1) {
                larges--;
                small[smalls++] = more;
            }
        }
        // What is left over has its whole column but for rounding.
        for (int i = 0; i < larges; i++) {
            own[large[i]] = Long.MAX_VALUE;
        }
        for (int i = 0; i < smalls; i++) {
            own[small[i]] = Long.MAX_VALUE;
        }
    }

    int draw(long random, long second) {
        int column = (int) Randomness.below(own.length, random);
        return (second >>> 1) < own[column] ? column : other[column];
    }
}
