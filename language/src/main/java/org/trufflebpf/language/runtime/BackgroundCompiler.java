package org.trufflebpf.language.runtime;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes specialised variants of programs again, one after the other on one thread that is started when it is first needed. Any thread may call; its
 * monitor is the last that anybody takes.
 */
public final class BackgroundCompiler implements AutoCloseable {
    private final Function<Runnable, Thread> threads;
    /** By program, System.nanoTime when its turn is. */
    private final Map<Specialization, Long> turns = new HashMap<>();
    private Thread thread;
    private boolean closed;

    /** @param threads makes a thread that need not enter any context; only asked on a thread that has entered one */
    public BackgroundCompiler(Function<Runnable, Thread> threads) {
        this.threads = threads;
    }

    /** Starts the thread. */
    synchronized void start() {
        if (thread == null && !closed) {
            thread = threads.apply(this::run);
            thread.setName("ebpf-specialization");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Has a program made again at a time; the sooner of two counts. */
    synchronized void schedule(Specialization program, long time) {
        if (!closed) {
            turns.merge(program, time, (a, b) -> a - b < 0 ? a : b);
            notifyAll();
        }
    }

    synchronized void remove(Specialization program) {
        turns.remove(program);
    }

    private void run() {
        for (Specialization next = next(); next != null; next = next()) {
            next.refresh();
        }
    }

    /** Waits for the next turn; null at the end. */
    private synchronized Specialization next() {
        while (!closed) {
            long now = System.nanoTime();
            Map.Entry<Specialization, Long> first = turns.entrySet().stream().min(Comparator.comparingLong(turn -> turn.getValue() - now))
                            .orElse(null);
            try {
                if (first == null) {
                    wait();
                } else if (first.getValue() - now <= 0) {
                    turns.remove(first.getKey());
                    return first.getKey();
                } else {
                    wait((first.getValue() - now) / 1_000_000 + 1);
                }
            } catch (InterruptedException e) {
                // Only who closes this interrupts.
                closed = true;
            }
        }
        return null;
    }

    /** Ends the thread; a compilation under way is waited for. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            turns.clear();
            notifyAll();
            running = thread;
        }
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
