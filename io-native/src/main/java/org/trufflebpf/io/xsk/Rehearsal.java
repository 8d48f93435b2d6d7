package org.trufflebpf.io.xsk;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Waiter;
import org.trufflebpf.io.loop.Workers;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.tap.TapPort;
import org.trufflebpf.io.tap.TapSettings;

/**
 * Runs a worker's loop over rings in memory until the virtual machine has compiled it, so that the first packets of an interface do not meet the
 * interpreter: a cold start loses some 90,000 of them (50 ms). The program's maps are not touched, as it gets bursts without packets.
 *
 * <p>Code is thrown away when something comes that was not there while it was profiled. So the rounds differ in all that can be different later:
 * ports, packets, verdicts, pauses, wake-ups; and of processors and targets three classes take turns, as the compiler bets on one or two.
 */
public final class Rehearsal {
    private static final int ROUNDS = 45;
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(10);
    /** Longer than the loop goes without looking at its progress. */
    private static final long LONG_ROUND = TimeUnit.MILLISECONDS.toNanos(110);
    private static final int LONG_ROUNDS_EVERY = 20;
    private static final int EMPTY_BURSTS = 20_000;
    private static final int RING = 256;
    private static final int PACKET = 80;
    /** Of several buffers: usual where programs handle fragments, otherwise rare, as such packets are missed. */
    private static final int LONG_PACKET = 9000;
    private static final int LONG_EVERY = 4;
    private static final int LONG_RARELY = 97;
    /** Between two looks at the interface: each round has some, with packets and without. */
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(1);
    private static final String ETHERNET = "020000000001020000000002";
    private static final String VERSION_4 = "450000420000000040";
    private static final String FROM_TO = "0000" + "0a000001" + "0a000002";
    private static final String TCP = "00500050" + "00000001" + "00000000" + "50100100";
    private static final String UDP = "00350035";
    /** What comes at interfaces, of {@link #PACKET} bytes with zeros at the end. Checksums of the second and the fifth are left to the receiver. */
    private static final List<byte[]> PACKETS = Stream.of(ETHERNET + "0800" + VERSION_4 + "06" + FROM_TO + TCP + "1234",
            ETHERNET + "0800" + VERSION_4 + "11" + FROM_TO + UDP + "002e" + "1442",
            ETHERNET + "0800" + VERSION_4 + "11" + FROM_TO + UDP + "002e" + "1234",
            ETHERNET + "0800" + VERSION_4 + "11" + FROM_TO + UDP + "002e" + "0000",
            ETHERNET + "86dd" + "60000000" + "001a" + "0640" + "00".repeat(15) + "01" + "00".repeat(15) + "02" + TCP + "0023",
            ETHERNET + "86dd" + "60000000" + "001a" + "1140" + "00".repeat(15) + "01" + "00".repeat(15) + "02" + UDP + "001a" + "1234",
            ETHERNET + "8100" + "0001" + "0800" + "45000038" + "0000000040" + "06" + FROM_TO + TCP + "1234",
            ETHERNET + "0800" + VERSION_4 + "01" + FROM_TO + "0800", ETHERNET + "0800" + "45000042" + "0000200040" + "11" + FROM_TO,
            ETHERNET + "0806")
            .map(HexFormat.of()::parseHex).toList();
    private static final int SECOND = 2;
    /** Any that is always there. */
    private static final String DEVICE = "lo";
    private static final TapSettings COMPANION = new TapSettings(DEVICE, 0, TapSettings.ANY_MAC, null, List.of(), 0, false);

    private Rehearsal() {
    }

    /**
     * @param processors the workers' own; their threads do not run yet
     * @param fragments whether the program gets packets of several buffers
     * @param stack whether what passes goes to companions of the ports
     * @param waiter the workers' own
     */
    public static void run(List<BurstProcessor> processors, boolean fragments, boolean stack, Waiter waiter) throws IOException {
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
            run(round, targets.get(round / 3 % targets.size()), fragments, stack, waiter);
        }
    }

    private static void run(int round, PassTarget target, boolean fragments, boolean stack, Waiter waiter) throws IOException {
        // What passes at one port the stack sends at the other. Where there is only one, its companion is soon full.
        List<TapPort> companions = stack ? TapPort.pair(COMPANION, fragments) : List.of();
        try (Umem umem = new Umem(2 * RING * XskPorts.RINGS, false, fragments);
                MemoryKernel firstKernel = new MemoryKernel(RING);
                MemoryKernel secondKernel = new MemoryKernel(RING);
                XskPort first = port(umem, 1, firstKernel);
                XskPort second = port(umem, SECOND, secondKernel)) {
            write(umem);
            Kernels kernels = new Kernels(List.of(firstKernel, secondKernel), round, fragments);
            BurstProcessor processor = switch (round % 3) {
                case 0 -> new Dropping(kernels);
                case 1 -> new Sending(kernels);
                default -> new Mixing(kernels);
            };
            long duration = round % LONG_ROUNDS_EVERY == 0 ? LONG_ROUND : ROUND;
            List<XskPort> ports = round % 2 == 0 ? List.of(first) : List.of(first, second);
            Workers.Worker worker = new Workers.Worker(ports, companions.subList(0, Math.min(ports.size(), companions.size())), processor);
            PollLoop.Settings settings = PollLoop.Settings.DEFAULT.withDuration(duration).withWaiter(waiter);
            new Workers(List.of(worker), target, settings).run(Thread::new, waiter, Processors::shared);
        } finally {
            companions.forEach(TapPort::close);
        }
    }

    /** Frames have packets in them, of all kinds alike. */
    private static void write(Umem umem) {
        for (int frame = 0; frame < umem.frames(); frame++) {
            byte[] packet = PACKETS.get(frame % PACKETS.size());
            Memory.copyFrom(packet, 0, umem.address() + (long) frame * Umem.CHUNK + Burst.HEADROOM, packet.length);
        }
    }

    private static XskPort port(Umem umem, int ifindex, MemoryKernel kernel) {
        XskSettings settings = new XskSettings(DEVICE, ifindex, 0, XskSettings.Copying.COPY, XskSettings.Attaching.GENERIC, RING, false);
        return new XskPort(settings, 0, umem, kernel.socket(), 0, INTERVAL, () -> { }, line -> { });
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
                if (pause[0] % (fragments ? LONG_EVERY : LONG_RARELY) == 0) {
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
        public long idle() {
            kernels.idle();
            return Long.MAX_VALUE;
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
        public long idle() {
            kernels.idle();
            return Long.MAX_VALUE;
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
        public long idle() {
            kernels.idle();
            return Long.MAX_VALUE;
        }
    }
}
