package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.trufflebpf.language.nodes.Timers;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.ValueFields;

/** The timers that one program sets, by its clock, and what they may call. */
final class ProgramTimers implements Timers {
    /** BPF_F_TIMER_ABS. */
    private static final long ABSOLUTE = 1;
    /** BPF_F_TIMER_CPU_PIN. */
    private static final long PINNED = 2;
    private static final long CLOCK_REALTIME = 0;
    private static final long CLOCK_MONOTONIC = 1;
    private static final long CLOCK_BOOTTIME = 7;

    private final TimerQueue queue;
    private final Instance instance;
    private final Clock clock;
    /** Complete before the program runs. */
    private final List<Callback> callbacks = new ArrayList<>();

    private record Callback(int function, Predicate<BpfMap> isFor, RootCallTarget target) {
    }

    ProgramTimers(TimerQueue queue, Instance instance, Clock clock) {
        this.queue = queue;
        this.instance = instance;
        this.clock = clock;
    }

    /** @param isFor whose timers may call it */
    void add(int function, Predicate<BpfMap> isFor, RootCallTarget target) {
        callbacks.add(new Callback(function, isFor, target));
    }

    List<RootCallTarget> targets() {
        return callbacks.stream().map(Callback::target).toList();
    }

    @Override
    public long init(BpfMap map, long timer, long flags) {
        if (flags != CLOCK_REALTIME && flags != CLOCK_MONOTONIC && flags != CLOCK_BOOTTIME) {
            return -Errno.EINVAL;
        }
        ValueFields fields = map.definition().fields();
        long distance = timer - map.valuesAddress();
        boolean isTimer = fields.hasTimer() && distance >= 0 && distance < map.valuesSize() &&
                        distance % map.stride() == map.valueOffset() + fields.timer();
        return isTimer ? queue.init(map, timer, flags == CLOCK_REALTIME) : NO_TIMER;
    }

    @Override
    public long setCallback(long timer, long function) {
        BpfMap map = queue.mapOf(timer);
        if (map == null) {
            return -Errno.EINVAL;
        }
        for (Callback callback : callbacks) {
            if (callback.function == function && callback.isFor.test(map)) {
                return queue.setCallback(timer, callback.target, instance);
            }
        }
        return NO_CALLBACK;
    }

    @Override
    public long start(long timer, long nanoseconds, long flags, long now, Worker worker) {
        if ((flags & ~(ABSOLUTE | PINNED)) != 0) {
            return -Errno.EINVAL;
        }
        // A time that is negative as a signed number is one that has passed.
        long due = nanoseconds;
        if ((flags & ABSOLUTE) == 0) {
            due = sum(now, nanoseconds);
        } else if (clock instanceof Clock.Wall && queue.isTimeOfDay(timer)) {
            due = sum(now, nanoseconds - System.currentTimeMillis() * 1_000_000);
        }
        return queue.start(timer, due, clock, (flags & PINNED) == 0 ? -1 : worker.cpu());
    }

    private static long sum(long now, long nanoseconds) {
        long sum = now + nanoseconds;
        return nanoseconds > 0 && sum < now ? Long.MAX_VALUE : sum;
    }

    @Override
    public long cancel(long timer, Worker worker) {
        return queue.cancel(timer, worker.runningTimer());
    }
}
