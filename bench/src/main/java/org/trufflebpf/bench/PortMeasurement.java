package org.trufflebpf.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Statistics;
import org.trufflebpf.io.port.Port;
import org.trufflebpf.language.run.RunnableProgram;

/** One worker over open ports, as {@code ebpf run} has it; what passes is dropped. */
final class PortMeasurement {
    private static final int CPU = 0;
    private static final long WARM_UP = TimeUnit.MILLISECONDS.toNanos(300);

    private PortMeasurement() {
    }

    /**
     * Runs on the calling thread, while packets come at the first port.
     *
     * @param ports stay the caller's
     * @param nanoseconds that count, after some time to warm up
     */
    static Throughput measure(TruffleEngine engine, RunnableProgram program, List<? extends Port> ports, long nanoseconds) throws IOException {
        engine.enter();
        try {
            Window window = new Window(nanoseconds);
            PollLoop loop = new PollLoop(ports, program.newProcessor(CPU), PassTarget.drop(),
                            PollLoop.Settings.DEFAULT.withCpu(CPU).withDuration(WARM_UP + 2 * nanoseconds)
                                            .withProgress((position, size, packets) -> window.look()));
            window.loop = loop;
            loop.run();
            return window.throughput();
        } finally {
            engine.leave();
        }
    }

    /** From the first look after the warm-up to the last one. */
    private static final class Window {
        private final long start = System.nanoTime();
        private final long nanoseconds;
        private PollLoop loop;
        private Statistics.Snapshot first;
        private Statistics.Snapshot last;
        private long firstTime;
        private long lastTime;

        Window(long nanoseconds) {
            this.nanoseconds = nanoseconds;
        }

        void look() {
            long now = System.nanoTime();
            if (now - start >= WARM_UP && (lastTime == 0 || lastTime - firstTime < nanoseconds)) {
                last = loop.statistics().snapshot();
                lastTime = now;
                if (first == null) {
                    first = last;
                    firstTime = now;
                }
                if (lastTime - firstTime >= nanoseconds) {
                    loop.stop();
                }
            }
        }

        Throughput throughput() {
            Statistics.Times times = last.times(0).minus(first.times(0));
            double inProgram = (double) times.inProgram() / times.packets();
            return new Throughput((last.packets(0, Counter.RECEIVED) - first.packets(0, Counter.RECEIVED)) * 1e9 / (lastTime - firstTime), inProgram,
                            (double) times.whole() / times.packets() - inProgram);
        }
    }
}
