package org.trufflebpf.language.run;

import com.oracle.truffle.api.TruffleSafepoint;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;

/** A thread that does one thing after the other which nobody waits for. Any thread may give it something, until it is closed. */
final class BackgroundWriter implements Executor, AutoCloseable {
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private boolean ended;

    /** @param threads of the context in which things are done */
    BackgroundWriter(ThreadFactory threads) {
        thread = threads.newThread(this::work);
        thread.setName("ebpf writer");
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        while (!ended) {
            TruffleSafepoint.setBlockedThreadInterruptibleFunction(null, BlockingQueue::take, queue).run();
        }
    }

    @Override
    public void execute(Runnable command) {
        queue.add(command);
    }

    /** Waits until everything is done. */
    @Override
    public void close() {
        execute(() -> ended = true);
        TruffleSafepoint.setBlockedThreadInterruptible(null, Thread::join, thread);
    }
}
