package org.trufflebpf.language.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.RootCallTarget;
import com.oracle.truffle.api.nodes.RootNode;
import java.util.concurrent.FutureTask;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.maps.Errno;

/** Timers whose callback another worker is in; the test ends callbacks when it wants to. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimerQueueTest {
    private static final Clock CLOCK = new Clock.Fixed(0);
    private static final long FIRST = 16;
    private static final long SECOND = 32;

    private final RootCallTarget callback = RootNode.createConstantNode(0).getCallTarget();
    private final Context context = Context.create();
    private final TimerQueue queue = new TimerQueue();

    @BeforeEach
    void makeTimers() {
        context.initialize("ebpf");
        for (long timer : new long[] {FIRST, SECOND}) {
            queue.init(null, timer, false);
            start(timer);
        }
    }

    @AfterEach
    void close() {
        context.close();
    }

    private void start(long timer) {
        assertEquals(0, queue.setCallback(timer, callback, null));
        assertEquals(0, queue.start(timer, timer, CLOCK, -1));
    }

    private TimerQueue.Timer take() {
        TimerQueue.Turn turn = queue.takeDue(null, CLOCK, 100, 0);
        return turn == null ? null : turn.timer();
    }

    /** On a thread of its own, which waits when this returns. */
    private FutureTask<Long> waitingCancel(long timer, TimerQueue.Timer running) throws InterruptedException {
        FutureTask<Long> result = new FutureTask<>(() -> {
            context.enter();
            try {
                return queue.cancel(timer, running);
            } finally {
                context.leave();
            }
        });
        Thread thread = Thread.ofPlatform().daemon().start(result);
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(thread.isAlive(), "did not wait");
            Thread.sleep(1);
        }
        return result;
    }

    @Test
    void afterCancelTheCallbackRunsNoMore() throws Exception {
        TimerQueue.Timer first = take();
        FutureTask<Long> cancelled = waitingCancel(FIRST, null);
        assertFalse(cancelled.isDone());
        queue.ended(first);
        assertEquals(0, cancelled.get());
        assertEquals(-Errno.EINVAL, queue.start(FIRST, 0, CLOCK, -1), "has a callback");
    }

    /** The callback had started its timer again. */
    @Test
    void whatARunningTimerWaitsForIsCancelled() throws Exception {
        TimerQueue.Timer first = take();
        start(FIRST);
        FutureTask<Long> cancelled = waitingCancel(FIRST, null);
        queue.ended(first);
        assertEquals(1, cancelled.get());
        assertEquals(SECOND, take().address());
        assertNull(take());
    }

    @Test
    void noTimerRunsTwiceAtATime() {
        TimerQueue.Timer first = take();
        start(FIRST);
        assertEquals(SECOND, take().address());
        assertNull(take());
        queue.ended(first);
        assertEquals(FIRST, take().address());
    }

    @Test
    void callbacksThatCancelEachOtherDoNotHang() throws Exception {
        TimerQueue.Timer first = take();
        TimerQueue.Timer second = take();
        FutureTask<Long> cancelled = waitingCancel(SECOND, first);
        assertEquals(-Errno.EDEADLK, queue.cancel(FIRST, second));
        queue.ended(second);
        assertEquals(0, cancelled.get());
        assertEquals(-Errno.EDEADLK, queue.cancel(FIRST, first));
    }
}
