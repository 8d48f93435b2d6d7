package org.trufflebpf.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SeriesTest {
    private static Series of(double... values) {
        Series series = new Series();
        for (double value : values) {
            series.add(value);
        }
        return series;
    }

    @Test
    void minimumAndMedianDoNotDependOnTheOrder() {
        assertEquals(1, of(5, 1, 3).minimum());
        assertEquals(3, of(5, 1, 3).median());
        assertEquals(5, of(5, 1, 3).quantile(1));
    }

    @Test
    void holdsAnyNumberOfValues() {
        Series series = new Series();
        for (int i = 1000; i >= 0; i--) {
            series.add(i);
        }
        assertEquals(0, series.minimum());
        assertEquals(500, series.median());
        assertEquals(990, series.quantile(0.99));
    }
}
