package org.trufflebpf.bench;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.trufflebpf.language.run.LoadedObject;

/**
 * What two workers get done over the same maps, compared with one.
 *
 * @param one nanoseconds per packet of one worker alone
 * @param two the same of two at once: the time in which the two together finish a packet
 */
record Scaling(MapOperation operation, double one, double two) {
    private static final int WINDOWS = 200;
    private static final int PACKETS = 20_000;
    private static final int WARM_UP = 500_000;

    /** The best windows count: on a busy machine most lose a processor to others. */
    static Scaling measure(TruffleEngine engine, MapOperation operation) throws InterruptedException {
        try (LoadedObject object = engine.load(operation.object())) {
            operation.fill(OwnTable.of(object, operation.object().map(operation.map()).orElseThrow()));
            String program = operation.program() + "_" + MapOperation.TIMES;
            Series alone = new Series();
            double[] second = new double[1];
            CyclicBarrier barrier = new CyclicBarrier(2);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread worker = Thread.ofPlatform().name("second worker").start(() -> {
                engine.enter();
                try (Contestant contestant = engine.contestant(object, program, operation.burst(1), () -> { })) {
                    contestant.run(WARM_UP);
                    for (int i = 0; i < WINDOWS; i++) {
                        barrier.await();
                        second[0] = contestant.run(PACKETS);
                        barrier.await();
                    }
                } catch (InterruptedException | BrokenBarrierException | RuntimeException e) {
                    failure.set(e);
                    barrier.reset();
                } finally {
                    engine.leave();
                }
            });
            Series together = new Series();
            try (Contestant contestant = engine.contestant(object, program, operation.burst(0), () -> { })) {
                contestant.run(WARM_UP);
                for (int i = 0; i < WINDOWS; i++) {
                    alone.add(contestant.run(PACKETS));
                    barrier.await();
                    double first = contestant.run(PACKETS);
                    barrier.await();
                    together.add(1 / (1 / first + 1 / second[0]));
                }
            } catch (BrokenBarrierException e) {
                throw new IllegalStateException(failure.get());
            }
            worker.join();
            return new Scaling(operation, alone.minimum(), together.minimum());
        }
    }

    /** How often one worker's work two do. */
    double factor() {
        return one / two;
    }
}
