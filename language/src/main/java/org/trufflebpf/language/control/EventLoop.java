package org.trufflebpf.language.control;

import com.oracle.truffle.api.TruffleSafepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The turns of a control program, all on the one thread that its language allows: timers, sources of events, and what other threads ask for. Only
 * {@link #post} and {@link #end} may be called by other threads.
 */
final class EventLoop {
    /** How late an event may be seen. Asking a ring buffer costs below 0.1 us, so a sleeping control program takes no measurable time. */
    private static final long SOURCE_PERIOD = TimeUnit.MILLISECONDS.toNanos(2);
    /** Requests that wait; who has more must wait himself. */
    private static final int MAX_REQUESTS = 1024;
    private static final long NO_TIMER = TimeUnit.DAYS.toNanos(1);

    private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>(MAX_REQUESTS);
    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> Long.signum(a.due - b.due));
    private final List<BooleanSupplier> sources = new ArrayList<>();
    private volatile boolean ended;

    /** @param period nanoseconds, 0 for once */
    private record Timer(long due, long period, Runnable action) {
    }

    /** Does {@code action} once, or again and again, first after {@code delay} nanoseconds. A turn that comes late is not made up for. */
    void schedule(long delay, boolean repeat, Runnable action) {
        timers.add(new Timer(System.nanoTime() + delay, repeat ? Math.max(1, delay) : 0, action));
    }

    /** @param source asked each turn; whether it had something, so that it is asked again at once */
    void addSource(BooleanSupplier source) {
        sources.add(source);
    }

    /** Has the loop's thread do something; false if too much is waiting or the loop has ended. */
    boolean post(Runnable request) {
        return !ended && requests.offer(request);
    }

    /** Lets {@link #run} return once what was asked for is done and the sources are empty. */
    void end() {
        ended = true;
        requests.offer(() -> {
        });
    }

    /** Takes turns until {@link #end}. Closing the context interrupts it. */
    void run() {
        while (!ended) {
            runTimers();
            boolean busy = askSources();
            Runnable request = next(busy ? 0 : untilNextTurn());
            if (request != null) {
                request.run();
            }
        }
        Runnable request;
        while ((request = requests.poll()) != null) {
            request.run();
        }
        while (askSources()) {
            TruffleSafepoint.poll(null);
        }
    }

    private void runTimers() {
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().due - now <= 0) {
            Timer timer = timers.poll();
            timer.action.run();
            if (timer.period > 0) {
                long due = timer.due + timer.period;
                timers.add(new Timer(due - System.nanoTime() < 0 ? System.nanoTime() + timer.period : due, timer.period, timer.action));
            }
        }
    }

    private boolean askSources() {
        boolean busy = false;
        // By index: a callback may add a source.
        for (int i = 0; i < sources.size(); i++) {
            busy |= sources.get(i).getAsBoolean();
        }
        return busy;
    }

    private long untilNextTurn() {
        long timer = timers.isEmpty() ? NO_TIMER : Math.max(0, timers.peek().due - System.nanoTime());
        return sources.isEmpty() ? timer : Math.min(timer, SOURCE_PERIOD);
    }

    private Runnable next(long nanos) {
        return TruffleSafepoint.setBlockedThreadInterruptibleFunction(null, queue -> queue.poll(nanos, TimeUnit.NANOSECONDS), requests);
    }
}
