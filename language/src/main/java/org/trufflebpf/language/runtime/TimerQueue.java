package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.TruffleSafepoint;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Errno;

/**
 * The timers in values of the maps of a {@link Namespace}, by their addresses: what a value holds there programs can write over, so nothing is kept
 * there. Workers run those that are due between packets ({@link TimerRunner}), one timer on one worker at a time. Any thread may call; its monitor is
 * the last that anybody takes.
 */
final class TimerQueue {
    private final Map<Long, Timer> timers = new HashMap<>();
    /** Those that run, soonest first, at equal times in the order in which they were started. */
    private final NavigableSet<Timer> armed = new TreeSet<>(
                    Comparator.<Timer>comparingLong(timer -> timer.due).thenComparingLong(timer -> timer.order));
    private long order;
    /** No timer is due before; so that workers need not take the monitor. */
    private volatile long earliest = Long.MAX_VALUE;

    /** A struct bpf_timer that was initialised. Under the queue's monitor. */
    static final class Timer {
        private final BpfMap map;
        private final long address;
        private final boolean timeOfDay;
        private RootCallTarget callback;
        /** Who set the callback; null without one. */
        private Instance owner;
        private Clock clock;
        private long due;
        private long order;
        private boolean isArmed;
        /** Whether a worker is in its callback. */
        private boolean isRunning;
        /** Callbacks of other timers that wait for this one to end. */
        private int cancelling;
        /** The one CPU that may run it, or -1. */
        private int cpu;

        Timer(BpfMap map, long address, boolean timeOfDay) {
            this.map = map;
            this.address = address;
            this.timeOfDay = timeOfDay;
        }

        BpfMap map() {
            return map;
        }

        long address() {
            return address;
        }
    }

    /**
     * A timer's turn.
     *
     * @param due when it had to be
     */
    record Turn(Timer timer, RootCallTarget callback, long due) {
    }

    /** @param timeOfDay whether absolute times are of CLOCK_REALTIME */
    synchronized long init(BpfMap map, long address, boolean timeOfDay) {
        return timers.putIfAbsent(address, new Timer(map, address, timeOfDay)) == null ? 0 : -Errno.EBUSY;
    }

    /** Whose timer it is, or null before it was initialised. */
    synchronized BpfMap mapOf(long address) {
        Timer timer = timers.get(address);
        return timer == null ? null : timer.map;
    }

    synchronized long setCallback(long address, RootCallTarget callback, Instance owner) {
        Timer timer = timers.get(address);
        if (timer == null) {
            return -Errno.EINVAL;
        }
        timer.callback = callback;
        timer.owner = owner;
        return 0;
    }

    synchronized boolean isTimeOfDay(long address) {
        Timer timer = timers.get(address);
        return timer != null && timer.timeOfDay;
    }

    /**
     * @param due by {@code clock}
     * @param cpu that must run it, or -1
     */
    synchronized long start(long address, long due, Clock clock, int cpu) {
        Timer timer = timers.get(address);
        if (timer == null || timer.callback == null) {
            return -Errno.EINVAL;
        }
        disarm(timer);
        timer.due = due;
        timer.order = order++;
        timer.clock = clock;
        timer.cpu = cpu;
        timer.isArmed = true;
        armed.add(timer);
        noteEarliest();
        return 0;
    }

    /**
     * As in the kernel, the timer's callback does not run any more afterwards: where another worker is in it, that is waited for. Two callbacks that
     * cancel each other's timers would wait for ever; the later one gets EDEADLK.
     *
     * @param running the timer whose function asks, or null
     */
    long cancel(long address, Timer running) {
        Timer timer;
        synchronized (this) {
            timer = timers.get(address);
            if (timer == null) {
                return -Errno.EINVAL;
            }
            if (timer == running || running != null && running.cancelling > 0) {
                return -Errno.EDEADLK;
            }
            timer.callback = null;
            timer.owner = null;
            if (!timer.isRunning) {
                return disarm(timer) ? 1 : 0;
            }
            timer.cancelling += running == null ? 0 : 1;
        }
        try {
            TruffleSafepoint.setBlockedThreadInterruptible(null, this::awaitEnd, timer);
        } finally {
            synchronized (this) {
                timer.cancelling -= running == null ? 0 : 1;
            }
        }
        synchronized (this) {
            return disarm(timer) ? 1 : 0;
        }
    }

    private synchronized void awaitEnd(Timer timer) throws InterruptedException {
        while (timer.isRunning) {
            wait();
        }
    }

    /** The element is gone, or has another value. */
    synchronized void gone(long address) {
        Timer timer = timers.remove(address);
        if (timer != null) {
            disarm(timer);
        }
    }

    synchronized void close(BpfMap map) {
        remove(timer -> timer.map == map);
    }

    /** The functions of an instance can be called no more. */
    synchronized void close(Instance instance) {
        remove(timer -> timer.owner == instance);
    }

    private void remove(Predicate<Timer> which) {
        Iterator<Timer> all = timers.values().iterator();
        while (all.hasNext()) {
            Timer timer = all.next();
            if (which.test(timer)) {
                disarm(timer);
                all.remove();
            }
        }
    }

    private boolean disarm(Timer timer) {
        boolean wasArmed = timer.isArmed;
        if (wasArmed) {
            armed.remove(timer);
            timer.isArmed = false;
            noteEarliest();
        }
        return wasArmed;
    }

    private void noteEarliest() {
        earliest = armed.isEmpty() ? Long.MAX_VALUE : armed.first().due;
    }

    /** No timer is due before; {@link Long#MAX_VALUE} without any. */
    long earliest() {
        return earliest;
    }

    /** Takes the first that is due at {@code now} of those that programs of an instance set by that clock, or null; {@link #ended} must follow. */
    Turn takeDue(Instance instance, Clock clock, long now, int cpu) {
        return now < earliest ? null : findDue(instance, clock, now, cpu);
    }

    private synchronized Turn findDue(Instance instance, Clock clock, long now, int cpu) {
        for (Timer timer : armed) {
            if (timer.due > now) {
                return null;
            }
            if (timer.owner == instance && timer.clock.equals(clock) && (timer.cpu < 0 || timer.cpu == cpu) && !timer.isRunning) {
                Turn turn = new Turn(timer, timer.callback, timer.due);
                disarm(timer);
                timer.isRunning = true;
                return turn;
            }
        }
        return null;
    }

    /** The callback of a timer that {@link #takeDue} gave has returned, or failed. */
    synchronized void ended(Timer timer) {
        timer.isRunning = false;
        notifyAll();
    }
}
