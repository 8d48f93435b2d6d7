package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import org.trufflebpf.io.linux.ProcessBarrier;
import org.trufflebpf.io.memory.Memory;

/**
 * Lets the one thread whose programs write a structure do so without its locks, since a locked instruction takes some 20 cycles and waits until all
 * that was stored before is in the cache. The first thread that comes becomes the owner; when a second one comes, all use the locks from then on.
 * What the control plane does between {@link #suspend} and {@link #resume} does not count as a second thread's.
 *
 * <p>The owner stores a flag and then looks whether it still owns; who takes the ownership away stores that, makes all threads execute a fence, and
 * waits for the flag to go. One of them thereby sees the other, and the owner needs no fence. Where the system has no such fence for all threads the
 * locks are always used.
 *
 * <p>Any thread may call. Between {@link #enter} and {@link #leave} the owner must not wait for anything.
 */
final class WriterBias {
    private static final long NOBODY = 0;
    /** Writes with locks before a thread owns again what the control plane has interrupted: a dump of the map must not cost it a fence per entry. */
    private static final int PATIENCE = 4096;

    /** The number of the thread that need not lock. */
    private volatile long owner = NOBODY;
    /** Whether the owner is inside. Only the owner writes it. */
    private int inside;
    /** The only thread that came so far. */
    private long first = NOBODY;
    private volatile boolean shared;
    /** How many are between {@link #suspend} and {@link #resume}. */
    private int guests;
    /** Calls of {@link #claim} that are yet to fail. */
    private int waits;

    /** Whether locks are needed for good: then {@link #enter} cannot succeed and {@link #claim} is not needed. */
    boolean isShared() {
        return shared;
    }

    /** As {@link #enter(long)} where nobody knows the thread's number: asking takes three loads, each of which waits for the one before. */
    boolean enter() {
        return enter(Thread.currentThread().threadId());
    }

    /**
     * Whether the calling thread now has the structure for itself, until {@link #leave}. Those who read it without locks do so all the same. In partially
     * evaluated code there may be no loop between the two: see {@link SpinLock}.
     *
     * @param self the calling thread's {@link Thread#threadId}
     */
    boolean enter(long self) {
        if (owner != self) {
            return false;
        }
        inside = 1;
        // Keeps the compilers from exchanging the two; the processor may, see above.
        Memory.releaseFence();
        if (owner == self) {
            return true;
        }
        leave();
        return false;
    }

    void leave() {
        Memory.releaseFence();
        inside = 0;
    }

    /** Before a program's thread uses the locks; {@link #enter} may succeed afterwards. */
    void claim() {
        if (!shared && owner != Thread.currentThread().threadId()) {
            claimSlowly();
        }
    }

    @TruffleBoundary
    private synchronized void claimSlowly() {
        if (shared) {
            return;
        }
        long self = Thread.currentThread().threadId();
        if (first == NOBODY && ProcessBarrier.available()) {
            first = self;
        }
        if (first != self) {
            withdraw();
            // Not before the owner has left: who sees it goes straight to the locks.
            shared = true;
        } else if (guests > 0 || waits > 0) {
            waits = Math.max(0, waits - 1);
        } else {
            owner = self;
        }
    }

    /** From now on the owner uses the locks, as the caller does, until {@link #resume}. */
    synchronized void suspend() {
        guests++;
        if (owner != NOBODY && owner != Thread.currentThread().threadId()) {
            withdraw();
            waits = PATIENCE;
        }
    }

    synchronized void resume() {
        guests--;
    }

    private void withdraw() {
        if (owner == NOBODY) {
            return;
        }
        owner = NOBODY;
        ProcessBarrier.run();
        while (isInside()) {
            Thread.yield();
        }
    }

    private boolean isInside() {
        Memory.acquireFence();
        return inside != 0;
    }
}
