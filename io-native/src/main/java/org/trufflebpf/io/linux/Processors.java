package org.trufflebpf.io.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.trufflebpf.io.libc.Libc;

/**
 * The processors of a run's workers. Where they are reserved, all other threads of the process that may run where the opening one may, compilers and
 * collectors of the virtual machine among them, are kept off them until {@link #close}; threads that begin later inherit that from those that start
 * them. Threads that somebody gave processors of their own keep these.
 *
 * <p>Any number may be open in a process. Opened and closed by one thread each, {@link #enter} is for the workers.
 */
public final class Processors implements AutoCloseable {
    private static final Path THREADS = Path.of("/proc/self/task");
    /** Threads may begin while those that there are are looked at. */
    private static final int MOST_PASSES = 16;
    /** What all who are open reserve; its monitor guards both. */
    private static final BitSet RESERVED = new BitSet();
    /** Where threads ran before anybody reserved something. */
    private static BitSet usual = new BitSet();

    /** Those of the opening thread. */
    private final BitSet before;
    /** By worker; empty if the system places them. */
    private final int[] own;
    private final boolean reserved;

    private Processors(int workers, boolean reserve) {
        synchronized (RESERVED) {
            before = Affinity.of(Affinity.SELF);
            int count = before.cardinality();
            reserved = reserve && count > workers;
            own = reserved || workers > 1 && count >= workers ? choose(before, workers, Libc.schedGetCpu()) : new int[0];
            if (reserved) {
                if (RESERVED.isEmpty()) {
                    usual = before;
                }
                change(() -> RESERVED.or(set(own)));
            }
        }
    }

    /** One for each of several workers if there are enough; other threads may run there, too. A single worker runs wherever the system has it. */
    public static Processors shared(int workers) {
        return new Processors(workers, false);
    }

    /** One for each worker, and no other thread's. As {@link #shared} where there are no more processors than workers. */
    public static Processors reserved(int workers) {
        return new Processors(workers, true);
    }

    /** Whether other threads are kept off. */
    public boolean areReserved() {
        return reserved;
    }

    /** Those of the workers, in their order; empty if the system places them. */
    public List<Integer> own() {
        return Arrays.stream(own).boxed().toList();
    }

    /** Those that are left for other threads, in ascending order. */
    public List<Integer> others() {
        BitSet others = (BitSet) before.clone();
        if (reserved) {
            others.andNot(set(own));
        }
        return others.stream().boxed().toList();
    }

    /** From where the opening thread runs now: the system has it where little is to do, so several processes do not begin with the same one. */
    static int[] choose(BitSet allowed, int workers, int current) {
        int[] chosen = new int[workers];
        int next = Math.max(current, 0) - 1;
        for (int i = 0; i < workers; i++) {
            next = allowed.nextSetBit(next + 1);
            if (next < 0) {
                next = allowed.nextSetBit(0);
            }
            chosen[i] = next;
        }
        return chosen;
    }

    /** Keeps the calling thread, which is that worker, on its processor. */
    public void enter(int worker) {
        if (own.length > 0) {
            Affinity.set(Affinity.SELF, set(own[worker]));
        }
    }

    /** Lets the calling thread run where others may. */
    public void leave() {
        if (own.length > 0) {
            synchronized (RESERVED) {
                Affinity.set(Affinity.SELF, reserved ? free() : before);
            }
        }
    }

    /** Lets threads run where they could before. */
    @Override
    public void close() {
        if (reserved) {
            synchronized (RESERVED) {
                change(() -> RESERVED.andNot(set(own)));
            }
        }
    }

    private static BitSet set(int... processors) {
        BitSet set = new BitSet();
        for (int processor : processors) {
            set.set(processor);
        }
        return set;
    }

    private static BitSet free() {
        BitSet free = (BitSet) usual.clone();
        free.andNot(RESERVED);
        return free;
    }

    /** Threads follow a change of what is free. */
    private static void change(Runnable change) {
        BitSet from = free();
        change.run();
        BitSet to = free();
        boolean moved = !from.equals(to);
        for (int pass = 0; moved && pass < MOST_PASSES; pass++) {
            moved = move(from, to);
        }
    }

    /** @return whether there was a thread to be moved */
    private static boolean move(BitSet from, BitSet to) {
        try (Stream<Path> threads = Files.list(THREADS)) {
            return threads.mapToInt(thread -> Integer.parseInt(thread.getFileName().toString()))
                    .filter(thread -> Affinity.of(thread).equals(from) && Affinity.set(thread, to)).count() > 0;
        } catch (IOException e) {
            // No /proc: threads stay where they are.
            return false;
        }
    }
}
