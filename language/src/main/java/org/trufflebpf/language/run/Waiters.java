package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleSafepoint;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.loop.Waiter;

/** How threads that have entered a context wait: so that closing the context, and whatever else the engine wants of them, gets through. */
final class Waiters {
    /** Between two looks at what the engine wants; one costs some 30 ns. */
    private static final int SPINS = 64;

    /** Sleeps. */
    static final Waiter SLEEP = nanoseconds -> TruffleSafepoint.setBlockedThreadInterruptible(null, TimeUnit.NANOSECONDS::sleep, nanoseconds);

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
