package org.trufflebpf.language.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerTest {

    private static List<Integer> numbers(int cpu, long seed, int count) {
        try (Worker worker = new Worker(cpu, seed)) {
            return IntStream.range(0, count).mapToObj(i -> worker.nextRandom()).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MIN_VALUE, Long.MAX_VALUE})
    void randomNumbersRepeatWithTheSeedAndTheProcessor(long seed) {
        assertEquals(numbers(0, seed, 100), numbers(0, seed, 100));
        assertNotEquals(numbers(0, seed, 100), numbers(0, seed + 1, 100));
    }

    @Test
    void workersHaveNumbersOfTheirOwn() {
        Set<List<Integer>> sequences = new HashSet<>();
        for (int cpu = 0; cpu < Instance.CPUS; cpu++) {
            sequences.add(numbers(cpu, 7, 10));
        }
        assertEquals(Instance.CPUS, sequences.size());
    }

    /** Every bit is set in about half of the numbers: of 10,000, the deviation is 50. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42})
    void allBitsVary(long seed) {
        List<Integer> numbers = numbers(0, seed, 10_000);
        for (int bit = 0; bit < 32; bit++) {
            int position = bit;
            long set = numbers.stream().filter(number -> (number >>> position & 1) != 0).count();
            assertTrue(set > 4700 && set < 5300, "bit " + bit + " is set in " + set);
        }
    }
}
