package org.trufflebpf.io.generator;

/** SplitMix64 (Steele, Lea, Flood 2014): a multiplication or two per number, and streams of different seeds do not resemble each other. */
final class Randomness {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private long state;

    Randomness(long seed) {
        state = mix(seed);
    }

    long next() {
        state += GOLDEN;
        return mix(state);
    }

    /** A number that {@code key} and {@code index} determine and that looks like chance. */
    static long hash(long key, long index) {
        return mix(key + (index + 1) * GOLDEN);
    }

    /** 0 to {@code size - 1}, out of 64 random bits. */
    static long below(long size, long random) {
        return Math.unsignedMultiplyHigh(random, size);
    }

    private static long mix(long number) {
        long z = (number ^ number >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }
}
