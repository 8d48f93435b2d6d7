package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.linux.ProcessBarrier;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** A counter that is added to without atomics: with the bias, or under the lock. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WriterBiasTest {
    private static final int LOCK = 0;
    private static final int COUNT = 64;

    private static void add(WriterBias bias, long block) {
        bias.claim();
        boolean alone = bias.enter();
        if (!alone) {
            SpinLock.lock(block + LOCK);
        }
        Memory.putLong(block + COUNT, Memory.getLong(block + COUNT) + 1);
        if (alone) {
            bias.leave();
        } else {
            SpinLock.unlock(block + LOCK);
        }
    }

    private static void addAsGuest(WriterBias bias, long block) {
        bias.suspend();
        SpinLock.lock(block + LOCK);
        Memory.putLong(block + COUNT, Memory.getLong(block + COUNT) + 1);
        SpinLock.unlock(block + LOCK);
        bias.resume();
    }

    @Test
    void theFirstThreadOwnsAndGuestsDoNotEndThat() throws Exception {
        Assumptions.assumeTrue(ProcessBarrier.available(), "membarrier(2) is not available");
        WriterBias bias = new WriterBias();
        try (NativeBlock block = new NativeBlock(128); ExecutorService other = Executors.newSingleThreadExecutor()) {
            bias.claim();
            assertTrue(bias.enter());
            bias.leave();
            other.submit(() -> addAsGuest(bias, block.address())).get();
            assertFalse(bias.enter());
            int claims = 0;
            for (boolean owns = false; !owns; claims++) {
                bias.claim();
                owns = bias.enter();
            }
            bias.leave();
            assertTrue(claims > 1000 && !bias.isShared());
            other.submit(() -> add(bias, block.address())).get();
            assertTrue(bias.isShared());
            assertFalse(bias.enter());
            bias.claim();
            assertFalse(bias.enter());
            assertEquals(2, Memory.getLong(block.address() + COUNT));
        }
    }

    /** Whether the owner is inside or not when the others come: nothing is lost. */
    @Test
    void ownershipIsTakenAwayInTime() throws Exception {
        int rounds = 2000;
        long total = 0;
        try (NativeBlock block = new NativeBlock(128); ExecutorService threads = Executors.newFixedThreadPool(2)) {
            long address = block.address();
            for (int round = 0; round < rounds; round++) {
                WriterBias bias = new WriterBias();
                bias.claim();
                AtomicBoolean others = new AtomicBoolean();
                Callable<Long> guest = () -> {
                    for (int i = 0; i < 5; i++) {
                        addAsGuest(bias, address);
                    }
                    return 5L;
                };
                Callable<Long> writer = () -> {
                    Thread.onSpinWait();
                    for (int i = 0; i < 100; i++) {
                        add(bias, address);
                    }
                    others.set(true);
                    return 100L;
                };
                Future<Long> guests = threads.submit(guest);
                Future<Long> writers = threads.submit(writer);
                while (!others.get()) {
                    add(bias, address);
                    total++;
                }
                total += guests.get() + writers.get();
                assertEquals(total, Memory.getLong(address + COUNT), "round " + round);
            }
        }
    }
}
