package org.trufflebpf.io.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
    private static final Path THREADS = Path.of("/proc/self/task");

    private static BitSet set(int... processors) {
        return IntStream.of(processors).collect(BitSet::new, BitSet::set, BitSet::or);
    }

    private static int processors() {
        int count = Affinity.of(Affinity.SELF).cardinality();
        assumeTrue(count > 0, "the system does not tell which processors a thread may use");
        return count;
    }

    /** How many threads of this process run where. */
    private static Map<BitSet, Long> threads() throws IOException {
        try (Stream<Path> threads = Files.list(THREADS)) {
            return threads.map(thread -> Affinity.of(Integer.parseInt(thread.getFileName().toString())))
                    .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        }
    }

    /** Where a new thread runs. */
    private static BitSet ofNewThread() throws Exception {
        FutureTask<BitSet> task = new FutureTask<>(() -> Affinity.of(Affinity.SELF));
        Thread.ofPlatform().start(task);
        return task.get();
    }

    @Test
    void choosesFromTheCurrentOneOn() {
        assertArrayEquals(new int[] {5, 7, 1}, Processors.choose(set(1, 3, 5, 7), 3, 5));
        assertArrayEquals(new int[] {1, 3}, Processors.choose(set(1, 3), 2, 0));
        assertArrayEquals(new int[] {1}, Processors.choose(set(1, 3), 1, 6));
        assertArrayEquals(new int[] {1}, Processors.choose(set(1, 3), 1, -1));
    }

    @Test
    void keepsOtherThreadsOff() throws Exception {
        assumeTrue(processors() > 1, "needs two processors");
        BitSet before = Affinity.of(Affinity.SELF);
        BitSet rest;
        try (Processors processors = Processors.reserved(1)) {
            assertTrue(processors.areReserved());
            int own = processors.own().getFirst();
            rest = (BitSet) before.clone();
            rest.clear(own);
            assertEquals(rest.stream().boxed().toList(), processors.others());
            // Those of the virtual machine, which began long ago, this one, and new ones.
            assertFalse(threads().containsKey(before), threads().toString());
            assertTrue(threads().get(rest) > 5, threads().toString());
            assertEquals(rest, ofNewThread());
            processors.enter(0);
            assertEquals(set(own), Affinity.of(Affinity.SELF));
            processors.leave();
            assertEquals(rest, Affinity.of(Affinity.SELF));
        }
        assertEquals(before, Affinity.of(Affinity.SELF));
        assertEquals(before, ofNewThread());
        assertFalse(threads().containsKey(rest), threads().toString());
    }

    @Test
    void leavesThreadsWhereThereAreNoMoreProcessorsThanWorkers() throws Exception {
        int count = processors();
        BitSet before = Affinity.of(Affinity.SELF);
        try (Processors processors = Processors.reserved(count)) {
            assertFalse(processors.areReserved());
            assertEquals(count > 1 ? count : 0, processors.own().size());
            assertEquals(count, processors.others().size());
            assertEquals(before, ofNewThread());
        }
    }

    @Test
    void workersThatShareHaveOneEach() throws Exception {
        assumeTrue(processors() > 1, "needs two processors");
        BitSet before = Affinity.of(Affinity.SELF);
        try (Processors processors = Processors.shared(2)) {
            processors.enter(1);
            assertEquals(set(processors.own().get(1)), Affinity.of(Affinity.SELF));
            assertTrue(threads().containsKey(before), threads().toString());
            processors.leave();
            assertEquals(before, Affinity.of(Affinity.SELF));
        }
        try (Processors processors = Processors.shared(1)) {
            processors.enter(0);
            assertEquals(before, Affinity.of(Affinity.SELF));
        }
    }

    /** In whatever order they end. */
    @Test
    void twoRunsReserveDifferentOnes() throws Exception {
        BitSet before = Affinity.of(Affinity.SELF);
        if (processors() > 2) {
            try (Processors first = Processors.reserved(1); Processors second = Processors.reserved(1)) {
                assertFalse(second.own().contains(first.own().getFirst()));
                first.close();
                assertTrue(ofNewThread().get(first.own().getFirst()));
            }
        } else if (processors() == 2) {
            try (Processors first = Processors.reserved(1); Processors second = Processors.reserved(1)) {
                assertFalse(second.areReserved());
                first.close();
            }
        }
        assertEquals(before, ofNewThread());
    }

    @Test
    void aThreadWithProcessorsOfItsOwnKeepsThem() throws Exception {
        assumeTrue(processors() > 1, "needs two processors");
        BitSet before = Affinity.of(Affinity.SELF);
        BitSet pinned = set(before.nextSetBit(0));
        FutureTask<BitSet> task = new FutureTask<>(() -> {
            assertTrue(Affinity.set(Affinity.SELF, pinned));
            try (Processors processors = Processors.reserved(1)) {
                assertFalse(processors.areReserved());
                return Affinity.of(Affinity.SELF);
            }
        });
        Thread.ofPlatform().start(task);
        assertEquals(pinned, task.get());
    }
}
