package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleSafepoint;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.loop.Doorbell;
import org.trufflebpf.io.loop.Readiness;
import org.trufflebpf.io.loop.Waiter;

/** How threads that have entered a context wait: so that closing the context, and whatever else the engine wants of them, gets through. */
final class Waiters {
    /** Between two looks at what the engine wants; one costs some 30 ns. */
    private static final int SPINS = 64;

    /** Sleeps. */
    static final Waiter SLEEP = new Waiter() {
        @Override
        public void pass(long nanoseconds) {
            TruffleSafepoint.setBlockedThreadInterruptible(null, TimeUnit.NANOSECONDS::sleep, nanoseconds);
        }

        @Override
        public void await(Readiness ports, long nanoseconds) {
            Alarm alarm = new Alarm(ports.bell());
            TruffleSafepoint.getCurrent().setBlocked(null, alarm, alarm::await, new Sleep(ports, nanoseconds), null, null);
        }
    };

    private record Sleep(Readiness ports, long nanoseconds) {
    }

    /** Ends a system call that waits, which the interruption of its thread does not. */
    private static final class Alarm implements TruffleSafepoint.Interrupter {
        private final Doorbell bell;
        private volatile boolean interrupted;

        Alarm(Doorbell bell) {
            this.bell = bell;
        }

        @Override
        public void interrupt(Thread thread) {
            interrupted = true;
            bell.ring();
        }

        @Override
        public void resetInterrupted() {
            interrupted = false;
        }

        void await(Sleep sleep) throws InterruptedException {
            if (!interrupted) {
                sleep.ports.await(sleep.nanoseconds);
            }
            if (interrupted) {
                throw new InterruptedException();
            }
        }
    }

    /** Keeps the processor busy, so that no packet waits for it to wake up. */
    static final Waiter SPIN = Waiter.spinning(() -> {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
        TruffleSafepoint.setBlockedThreadInterruptible(null, Waiters::look, null);
    });

    private Waiters() {
    }

    private static void look(Object nothing) {
        // Being blocked for a moment is all it takes.
    }
}
