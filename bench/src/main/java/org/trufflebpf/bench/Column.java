package org.trufflebpf.bench;

/**
 * A contestant's nanoseconds per packet.
 *
 * @param series null where it cannot take part
 * @param missing the reason, null where it takes part
 */
record Column(Series series, String missing) {
    boolean isMissing() {
        return series == null;
    }

    /** NaN where it cannot take part. */
    double minimum() {
        return isMissing() ? Double.NaN : series.minimum();
    }

    /** NaN where it cannot take part. */
    double median() {
        return isMissing() ? Double.NaN : series.median();
    }

    /** What 99 of 100 windows do not exceed; NaN where it cannot take part. */
    double p99() {
        return isMissing() ? Double.NaN : series.quantile(0.99);
    }
}
