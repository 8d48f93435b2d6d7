package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.memory.Memory;

/**
 * Runs a worker's loop over rings in memory until the virtual machine has compiled it, so that the first packets of an interface do not meet the
 * interpreter: a cold start loses some 90,000 of them (50 ms). The program's maps are not touched, as it gets bursts without packets.
 *
 * <p>Code is thrown away when something comes that was not there while it was profiled. So the rounds differ in all that can be different later:
 * ports, verdicts, pauses, wake-ups; and of processors and targets three classes take turns, as the compiler bets on one or two.
 */
public final class Rehearsal {
    private static final int ROUNDS = 45;
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(10);
    /** Longer than the loop goes without looking at its progress. */
    private static final long LONG_ROUND = TimeUnit.MILLISECONDS.toNanos(110);
    private static final int LONG_ROUNDS_EVERY = 20;
    private static final int EMPTY_BURSTS = 20_000;
    private static final int RING = 256;
    private static final int PACKET = 64;
    private static final int LONG_PACKET = 9000;
    private static final int LONG_EVERY = 4;
    private static final int SECOND = 2;
    /** Any that is always there. */
    private static final String DEVICE = "lo";

    private Rehearsal() {
    }

    /**
     * @param processors the workers' own; their threads do not run yet
     * @param fragments whether the program gets packets of several buffers
     */
    public static void run(List<BurstProcessor> processors, boolean fragments) throws IOException {
        try (Burst empty = new Burst(1)) {
            empty.setCount(0);
            for (BurstProcessor processor : processors) {
                for (int i = 0; i < EMPTY_BURSTS; i++) {
                    processor.process(empty);
                    processor.idle();
                }
            }
        }
        List<PassTarget> targets = List.of(descriptor -> true, descriptor -> Memory.getInt(descriptor + Burst.LENGTH) > 0,
                descriptor -> Memory.getInt(descriptor + Burst.LENGTH) > PACKET);
        for (int round = 0; round < ROUNDS; round++) {
            run(round, targets.get(round / 3 % targets.size()), fragments);
        }
    }

    private static void run(int round, PassTarget target, boolean fragments) throws IOException {
        try (Umem umem = new Umem(2 * RING * XskPorts.RINGS, false, fragments);
                MemoryKernel firstKernel = new MemoryKernel(RING);
                MemoryKernel secondKernel = new MemoryKernel(RING);
                XskPort first = port(umem, 1, firstKernel);
                XskPort second = port(umem, SECOND, secondKernel)) {
            Kernels kernels = new Kernels(List.of(firstKernel, secondKernel), round, fragments);
            BurstProcessor processor = switch (round % 3) {
                case 0 -> new Dropping(kernels);
                case 1 -> new Sending(kernels);
                default -> new Mixing(kernels);
            };
            long duration = round % LONG_ROUNDS_EVERY == 0 ? LONG_ROUND : ROUND;
            List<XskPort> ports = round % 2 == 0 ? List.of(first) : List.of(first, second);
            new PollLoop(ports, processor, target, PollLoop.Settings.DEFAULT.withDuration(duration)).run();
        }
    }

    private static XskPort port(Umem umem, int ifindex, MemoryKernel kernel) {
        XskSettings settings = new XskSettings(DEVICE, ifindex, 0, XskSettings.Copying.COPY, XskSettings.Attaching.GENERIC, RING, false);
        return new XskPort(settings, 0, umem, kernel.socket(), 0, () -> { }, line -> { });
    }

    /** Bring packets after pauses of different lengths. */
    private record Kernels(List<MemoryKernel> all, boolean fragments, int[] pause) {
        private static final int LONG_PAUSE = 1100;

        Kernels(List<MemoryKernel> all, int round, boolean fragments) {
            this(all, fragments, new int[] {round});
            all.forEach(kernel -> kernel.wantWakeups(round % 2 == 0));
        }

        void busy() {
            for (MemoryKernel kernel : all) {
                kernel.send(RING);
                if (fragments && (pause[0] & LONG_EVERY - 1) == 0) {
                    kernel.deliver(2, LONG_PACKET);
                }
                kernel.deliver(pause[0] & RING - 1, PACKET);
            }
        }

        void idle() {
            // Long ones end in poll(2).
            if (++pause[0] % LONG_PAUSE > LONG_PAUSE / 2 || pause[0] % 3 == 0) {
                busy();
            }
        }
    }

    private static void judge(Burst burst, int index, Verdict verdict) {
        long descriptor = burst.descriptor(index);
        Memory.putInt(descriptor + Burst.VERDICT, verdict.ordinal());
        Memory.putInt(descriptor + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
        Memory.putInt(descriptor + Burst.REDIRECT_TARGET, SECOND);
        Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
    }

    private record Dropping(Kernels kernels) implements BurstProcessor {
        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                judge(burst, i, Verdict.DROP);
            }
            kernels.busy();
        }

        @Override
        public void idle() {
            kernels.idle();
        }
    }

    private record Sending(Kernels kernels) implements BurstProcessor {
        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                judge(burst, i, Verdict.TX);
            }
            kernels.busy();
        }

        @Override
        public void idle() {
            kernels.idle();
        }
    }

    private record Mixing(Kernels kernels) implements BurstProcessor {
        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                judge(burst, i, Verdict.of(i & 7));
            }
            kernels.busy();
        }

        @Override
        public void idle() {
            kernels.idle();
        }
    }
}
