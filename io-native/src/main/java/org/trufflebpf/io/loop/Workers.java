package org.trufflebpf.io.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.linux.Threads;
import org.trufflebpf.io.port.Port;

/**
 * The workers of one run: a poll loop each, on a thread of its own, over its queues of the ports. Worker n has CPU number n and stands for the CPUs
 * n, n + N, ... that packets are redirected to. A single worker runs on the thread that calls {@link #run}.
 *
 * <p>{@link #stop} and {@link #statistics} may be called by any thread.
 */
public final class Workers {
    /** Where nothing wakes the thread that waits for the workers. */
    private static final long WAIT = TimeUnit.MILLISECONDS.toNanos(2);
    /** Takes a thread that has done its work. */
    private static final long ENDING = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

    private final List<PollLoop> loops = new ArrayList<>();
    private final Team team;
    private final PassTarget passTarget;

    /**
     * What one worker works with.
     *
     * @param ports the same in each worker, in the same order: its own queue of a port, or where it has none the port's sending side
     * @param companions for ports that are linked with the kernel's network stack: what passes at the port of the same place in the list is sent to
     *        the companion instead of the pass target, and what comes from the companion is sent at the port. Null for other ports
     */
    public record Worker(List<? extends Port> ports, List<? extends Port> companions, BurstProcessor processor) {
        /** No port is linked with the stack. */
        public Worker(List<? extends Port> ports, BurstProcessor processor) {
            this(ports, List.of(), processor);
        }
    }

    /**
     * @param passTarget takes packets from several threads if there are several workers
     * @param settings its CPU number is worker 0's
     */
    public Workers(List<Worker> workers, PassTarget passTarget, PollLoop.Settings settings) {
        this.team = new Team(workers.size(), settings.count());
        this.passTarget = passTarget;
        for (int i = 0; i < workers.size(); i++) {
            // One tells how far all are.
            Progress progress = i > 0 ? Progress.NONE
                    : (position, size, packets) -> settings.progress().report(position, size, statistics().packets(Counter.RECEIVED));
            PollLoop.Settings own = settings.withProgress(progress).withCpu(settings.cpu() + i);
            loops.add(new PollLoop(workers.get(i), passTarget, own, team, i));
        }
    }

    /** The counters of all workers as they are now. */
    public Statistics.Snapshot statistics() {
        return loops.stream().map(loop -> loop.statistics().snapshot()).reduce(Statistics.Snapshot::plus).orElseThrow();
    }

    /** The counters of each worker as they are now. */
    public List<Statistics.Snapshot> statisticsOfEach() {
        return loops.stream().map(loop -> loop.statistics().snapshot()).toList();
    }

    /** Ends the run after the bursts that are being processed. May be called before run, and more than once. */
    public void stop() {
        team.stop();
    }

    /**
     * Runs until a limit is reached, all ports have ended or {@link #stop} was called, then finishes ports and pass target. If one worker breaks all
     * stop. Called once.
     *
     * @param threads makes the threads of several workers
     * @param waiter how the calling thread waits for them
     * @param places gives so many workers the processors that they run on; closed when they have ended
     * @throws IOException as {@link PollLoop#run}, once whatever number of workers failed
     */
    public StopReason run(ThreadFactory threads, Waiter waiter, IntFunction<Processors> places) throws IOException {
        try (team; Processors processors = places.apply(loops.size())) {
            List<StopReason> reasons = loops.size() == 1 ? List.of(workHere(processors)) : workAll(threads, waiter, processors);
            for (PollLoop loop : loops) {
                loop.finish();
            }
            passTarget.finish();
            loops.getFirst().reportProgress();
            IOException broken = null;
            for (PollLoop loop : loops) {
                if (broken == null) {
                    broken = loop.brokenPort();
                } else if (loop.brokenPort() != null) {
                    broken.addSuppressed(loop.brokenPort());
                }
            }
            if (broken != null) {
                throw broken;
            }
            // A worker whose ports ended before the others' says nothing.
            return reasons.stream().filter(reason -> reason != StopReason.END_OF_INPUT).findFirst().orElse(StopReason.END_OF_INPUT);
        }
    }

    private StopReason workHere(Processors processors) throws IOException {
        processors.enter(0);
        try {
            return loops.getFirst().work();
        } finally {
            processors.leave();
        }
    }

    private List<StopReason> workAll(ThreadFactory threads, Waiter waiter, Processors processors) throws IOException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        StopReason[] reasons = new StopReason[loops.size()];
        List<Thread> started = new ArrayList<>();
        AtomicInteger working = new AtomicInteger(loops.size());
        try (Doorbell bell = new Doorbell(); Readiness ended = new Readiness(List.of(), bell)) {
            for (int i = 0; i < loops.size(); i++) {
                int number = i;
                Thread thread = threads.newThread(() -> {
                    try {
                        processors.enter(number);
                        reasons[number] = loops.get(number).work();
                    } catch (Throwable e) {
                        // Told by the thread that waits.
                        failure.compareAndSet(null, e);
                        team.fail();
                    } finally {
                        working.decrementAndGet();
                        bell.ring();
                    }
                });
                thread.start();
                started.add(thread);
            }
            while (working.get() > 0) {
                if (ended.isKnown()) {
                    bell.listen();
                    if (working.get() > 0) {
                        waiter.await(ended, LONGEST_WAIT);
                    }
                    bell.answer();
                } else {
                    waiter.pass(WAIT);
                }
            }
            while (started.stream().anyMatch(Thread::isAlive)) {
                waiter.pass(ENDING);
            }
        } catch (Throwable e) {
            // This thread was interrupted, or one could not start: the memory of the others must outlive them.
            team.fail();
            started.forEach(Threads::join);
            throw e;
        }
        switch (failure.get()) {
            case null -> {
                return List.of(reasons);
            }
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
