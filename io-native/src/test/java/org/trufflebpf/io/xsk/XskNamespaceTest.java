package org.trufflebpf.io.xsk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.linux.Affinity;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.io.linux.Processors;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.PassTarget;
import org.trufflebpf.io.loop.PollLoop;
import org.trufflebpf.io.loop.Statistics;
import org.trufflebpf.io.loop.StopReason;
import org.trufflebpf.io.loop.Waiter;
import org.trufflebpf.io.loop.Workers;
import org.trufflebpf.io.memory.Memory;

/** Ports over the kernel's veth interfaces, in network namespaces that end with the thread of each test. */
@Timeout(120)
final class XskNamespaceTest {
    private static final int RING = 512;

    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());

    private static XskSettings settings(String device, int ifindex) {
        return new XskSettings(device, ifindex, 0, XskSettings.Copying.AUTOMATIC, XskSettings.Attaching.AUTOMATIC, RING, false);
    }

    private XskPorts open(XskSettings... all) throws IOException {
        return XskPorts.open(List.of(all), 1, false, false, messages::add);
    }

    private static XskPort only(XskPorts ports, int number) {
        return ports.ports().get(number).getFirst();
    }

    private void assertRefused(String message, XskSettings settings) {
        assertEquals(message, assertThrows(IOException.class, () -> open(settings).close()).getMessage());
    }

    /** Gives the same verdict to all packets from an interface. */
    private record Table(Verdict[] ofInterface, int target) implements BurstProcessor {
        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                Memory.putInt(descriptor + Burst.VERDICT, ofInterface[burst.ingressIfindex()].ordinal());
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, Burst.REDIRECT_TO_INTERFACE);
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, target);
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
            }
        }
    }

    private static Table table(int target, Verdict... ofInterfaces) {
        Verdict[] all = new Verdict[ofInterfaces.length + 1];
        System.arraycopy(ofInterfaces, 0, all, 1, ofInterfaces.length);
        return new Table(all, target);
    }

    @Test
    void countsEveryPacket() throws Exception {
        VethNamespace.run(() -> {
            try (XskPorts ports = open(settings("a0", 1))) {
                Statistics.Snapshot counts = VethNamespace.during(ports.ports().getFirst(), table(0, Verdict.DROP), loop -> {
                    // What is sent before the port has started goes to the network stack.
                    VethNamespace.await(() -> messages.size() == 1);
                    Thread.sleep(50);
                    VethNamespace.send("a1", 100_000, loop);
                });
                assertEquals(100_000, counts.packets(Counter.RECEIVED));
                assertEquals(100_000, counts.packets(Counter.DROP));
                assertEquals(6_400_000, counts.bytes(Counter.RECEIVED));
                assertEquals(0, counts.packets(Counter.MISSED));
                assertEquals(List.of("xsk:a0, queue 0: receives by copy, native XDP"), messages);
                assertTrue(VethNamespace.shell("ip -d link show a0").contains("xdp"));
            }
            assertFalse(VethNamespace.shell("ip -d link show a0").contains("xdp"), "the program was left behind");
        });
    }

    @Test
    void redirectsAndSendsBack() throws Exception {
        VethNamespace.run(() -> {
            // a1 sends to a0, whose packets leave at b0 for b1, which sends them back to b0, where they are dropped.
            try (XskPorts ports = open(settings("a0", 1), settings("b0", 2), settings("b1", 3))) {
                assertEquals(only(ports, 0).memory(), only(ports, 1).memory());
                List<XskPort> all = List.of(only(ports, 0), only(ports, 1), only(ports, 2));
                List<WatchedPort> watched = all.stream().map(WatchedPort::new).toList();
                Statistics.Snapshot counts = VethNamespace.during(watched, table(2, Verdict.REDIRECT, Verdict.DROP, Verdict.TX), loop -> {
                    VethNamespace.await(() -> messages.size() == 3);
                    Thread.sleep(50);
                    for (int i = 0; i < 100; i++) {
                        long wanted = 100 * (i + 1);
                        try (KernelProgram program = KernelProgram.load(KernelProgram.RETURN_TX, "GPL", "sender")) {
                            program.sendLive(VethNamespace.PACKET, Device.find("a1").index(), 100);
                        }
                        VethNamespace.await(() -> loop.statistics().snapshot().packets(1, Counter.DROP) >= wanted);
                    }
                });
                assertEquals(10_000, counts.packets(0, Counter.REDIRECT));
                assertEquals(10_000, counts.packets(1, Counter.SENT));
                assertEquals(10_000, counts.packets(2, Counter.TX));
                assertEquals(10_000, counts.packets(2, Counter.SENT));
                assertEquals(10_000, counts.packets(1, Counter.DROP));
                for (int i = 0; i < all.size(); i++) {
                    assertEquals(i == 0 ? 0 : 10_000, watched.get(i).handedOver());
                    assertEquals(0, watched.get(i).copied());
                }
                Umem umem = (Umem) only(ports, 0).memory();
                assertEquals(umem.frames(), umem.available() + all.stream().mapToInt(XskPort::held).sum(), "frames are missing");
            }
        });
    }

    @Test
    void severalQueues() throws Exception {
        VethNamespace.run(() -> {
            assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs two processors: a veth chooses the queue by that of the sender");
            try (XskPorts ports = XskPorts.open(List.of(settings("c0", 1)), 2, false, false, messages::add)) {
                List<Workers.Worker> all = new ArrayList<>();
                for (XskPort queue : ports.ports().getFirst()) {
                    all.add(new Workers.Worker(List.of(queue), table(0, Verdict.TX)));
                }
                Workers workers = new Workers(all, PassTarget.drop(), PollLoop.Settings.DEFAULT);
                FutureTask<StopReason> running = new FutureTask<>(() -> workers.run(Thread::new, Waiter.SLEEP, Processors::shared));
                Thread.ofPlatform().start(running);
                VethNamespace.await(() -> messages.size() == 2);
                assertEquals(Set.of("xsk:c0, queue 0: receives by copy, native XDP", "xsk:c0, queue 1: receives by copy, native XDP"),
                        Set.copyOf(messages));
                Thread.sleep(50);
                for (int cpu = 0; cpu < 2; cpu++) {
                    int sender = cpu;
                    FutureTask<Boolean> sending = new FutureTask<>(() -> {
                        Affinity.set(Affinity.SELF, BitSet.valueOf(new long[]{1L << sender}));
                        try (KernelProgram program = KernelProgram.load(KernelProgram.RETURN_TX, "GPL", "sender")) {
                            program.sendLive(VethNamespace.PACKET, Device.find("c1").index(), 100);
                        }
                        return true;
                    });
                    Thread.ofPlatform().start(sending);
                    sending.get();
                }
                VethNamespace.await(() -> workers.statistics().packets(Counter.SENT) == 200);
                workers.stop();
                running.get();
                for (Statistics.Snapshot own : workers.statisticsOfEach()) {
                    assertEquals(100, own.packets(Counter.TX));
                }
            }
            XskSettings second = new XskSettings("c0", 1, 1, XskSettings.Copying.COPY, XskSettings.Attaching.GENERIC, RING, false);
            try (XskPorts ports = open(second)) {
                only(ports, 0).start();
                assertEquals("xsk:c0, queue 1: receives by copy, generic XDP", messages.getLast());
            }
        });
    }

    @Test
    void refusesWhatCannotBe() throws Exception {
        VethNamespace.run(() -> {
            assertRefused("xsk:none0: there is no such interface: ip link lists them", settings("none0", 1));
            assertRefused("xsk:a_name_that_is_too_long: there is no such interface: ip link lists them", settings("a_name_that_is_too_long", 1));
            assertRefused("xsk:a0, queue 7: there is no such queue: ethtool -l a0 lists how many there are",
                    new XskSettings("a0", 1, 7, XskSettings.Copying.AUTOMATIC, XskSettings.Attaching.AUTOMATIC, RING, false));
            assertRefused("xsk:a0, queue 0: the driver cannot do that: leave mode= out",
                    new XskSettings("a0", 1, 0, XskSettings.Copying.ZERO_COPY, XskSettings.Attaching.AUTOMATIC, RING, false));
            try (XskPorts _ = open(settings("a0", 1))) {
                assertRefused("xsk:a0: another XDP program is attached to the interface: end what attached it, or ip link set dev a0 xdp off",
                        settings("a0", 1));
            }
            try (Umem umem = new Umem(8 * RING, false, false);
                    XskSocket _ = XskSocket.open(settings("a0", 1), Device.find("a0"), 0, umem)) {
                int before = umem.available();
                assertEquals("xsk:a0, queue 0: the queue is in use by another AF_XDP socket: choose another with queue=, or end that program",
                        assertThrows(IOException.class, () -> XskSocket.open(settings("a0", 1), Device.find("a0"), 0, umem)).getMessage());
                assertEquals(before, umem.available(), "frames were lost");
            }
            VethNamespace.shell("ip link set a0 down");
            assertRefused("xsk:a0: the interface is down: ip link set a0 up", settings("a0", 1));
            assertFalse(VethNamespace.shell("ip -d link show").contains("xdp"), "a program was left behind");
        });
    }

    @Test
    void aQueueThatIsFreedSoonIsWaitedFor() throws Exception {
        VethNamespace.run(() -> {
            for (int i = 0; i < 20; i++) {
                open(settings("a0", 1)).close();
            }
        });
    }

    @Test
    void anInterfaceThatGoesAwayEndsTheRunAfterItsPackets() throws Exception {
        VethNamespace.run(() -> {
            try (XskPorts ports = open(settings("a0", 1))) {
                PollLoop loop = new PollLoop(ports.ports().getFirst(), table(0, Verdict.TX), PassTarget.drop(), PollLoop.Settings.DEFAULT);
                FutureTask<StopReason> running = new FutureTask<>(loop::run);
                Thread.ofPlatform().start(running);
                VethNamespace.await(() -> messages.size() == 1);
                Thread.sleep(50);
                VethNamespace.send("a1", 1000, loop);
                VethNamespace.shell("ip link del a0");
                ExecutionException e = assertThrows(ExecutionException.class, () -> running.get(10, TimeUnit.SECONDS));
                assertEquals("xsk:a0: the interface is gone", e.getCause().getMessage());
                assertEquals(1000, loop.statistics().snapshot().packets(Counter.TX));
            }
        });
    }

    @Test
    void goesOnAfterTheLinkWasDownAndTheMtuChanged() throws Exception {
        VethNamespace.run(() -> {
            try (XskPorts ports = open(settings("a0", 1))) {
                Statistics.Snapshot counts = VethNamespace.during(ports.ports().getFirst(), table(0, Verdict.TX), loop -> {
                    VethNamespace.await(() -> messages.size() == 1);
                    Thread.sleep(50);
                    VethNamespace.send("a1", 1000, loop);
                    VethNamespace.shell("ip link set a1 down");
                    VethNamespace.await(() -> messages.contains("xsk:a0: the link is down"));
                    VethNamespace.shell("ip link set a1 up");
                    VethNamespace.await(() -> messages.contains("xsk:a0: the link is up"));
                    VethNamespace.send("a1", 1000, loop);
                    VethNamespace.shell("ip link set a0 mtu 1200; ip link set a1 mtu 1200");
                    VethNamespace.send("a1", 1000, loop);
                    VethNamespace.shell("ip link set a0 down");
                    VethNamespace.await(() -> messages.size() == 4);
                    VethNamespace.shell("ip link set a0 up");
                    VethNamespace.await(() -> messages.size() == 5);
                    VethNamespace.send("a1", 1000, loop);
                });
                assertEquals(4000, counts.packets(Counter.RECEIVED));
            }
        });
    }

    @Test
    void jumboFramesAreMissed() throws Exception {
        VethNamespace.run(() -> {
            // Too long for the socket, and those of 3521 to 3840 bytes for what programs have of a frame.
            VethNamespace.shell("ip link set a0 mtu 9000; ip link set a1 mtu 9000; ip addr add 10.9.0.1/24 dev a1; ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev a1");
            try (XskPorts ports = open(settings("a0", 1))) {
                Statistics.Snapshot counts = VethNamespace.during(ports.ports().getFirst(), table(0, Verdict.DROP), loop -> {
                    VethNamespace.await(() -> messages.size() == 1);
                    assertEquals("xsk:a0, queue 0: receives by copy, native XDP", messages.getFirst());
                    Thread.sleep(50);
                    try (DatagramSocket sender = new DatagramSocket()) {
                        for (int length : new int[] {100, 3600, 8000}) {
                            sender.send(new DatagramPacket(new byte[length], length, InetAddress.getByName("10.9.0.2"), 9));
                        }
                    }
                    VethNamespace.await(() -> loop.statistics().snapshot().packets(Counter.MISSED) >= 2);
                });
                assertEquals(1, counts.packets(Counter.RECEIVED));
                assertEquals(2, counts.packets(Counter.MISSED));
                assertEquals(1, only(ports, 0).details().get("missed for other reasons"));
                assertEquals(1, only(ports, 0).details().get("missed as too long without xdp.frags"));
            }
        });
    }

    /** Gives one verdict after the other; what is redirected goes to an interface, to all ports, to a CPU, or nowhere. */
    private static final class EveryVerdict implements BurstProcessor {
        private int number;

        @Override
        public void process(Burst burst) {
            for (int i = 0; i < burst.count(); i++) {
                long descriptor = burst.descriptor(i);
                boolean isOurs = burst.ingressIfindex() == 1;
                Verdict verdict = isOurs ? Verdict.of(number++ % Verdict.values().length) : Verdict.DROP;
                Memory.putInt(descriptor + Burst.VERDICT, verdict.ordinal());
                int kind = number / Verdict.values().length % 5;
                Memory.putInt(descriptor + Burst.REDIRECT_KIND, kind);
                Memory.putInt(descriptor + Burst.REDIRECT_TARGET, kind == Burst.REDIRECT_TO_INTERFACE ? 2 : 0);
                Memory.putInt(descriptor + Burst.REDIRECT_PROGRAM, 0);
            }
        }

        @Override
        public long[] redirectGroup(int handle) {
            return new long[] {1, 2};
        }
    }

    @Test
    void packetsOfSeveralBuffersGoEverywhereAndAllFramesComeHome() throws Exception {
        assumeTrue(KernelVersion.current().isAtLeast(6, 6), "before Linux 6.6 AF_XDP has packets of one buffer only");
        VethNamespace.run(() -> {
            VethNamespace.shell("""
                    for name in a0 a1 b0 b1; do ip link set $name mtu 9000; done
                    ip addr add 10.9.0.1/24 dev a1
                    ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev a1
                    """);
            int[] lengths = {60, 1400, 3478, 3479, 3798, 3799, 7638, 8958};
            int rounds = 15_000;
            try (XskPorts ports = XskPorts.open(List.of(settings("a0", 1), settings("b0", 2)), 1, true, false, messages::add)) {
                List<XskPort> all = List.of(only(ports, 0), only(ports, 1));
                Statistics.Snapshot counts = VethNamespace.during(all, new EveryVerdict(), loop -> {
                    VethNamespace.await(() -> messages.size() == 2);
                    assertEquals("xsk:a0, queue 0: receives by copy, native XDP", messages.getFirst());
                    Thread.sleep(50);
                    try (DatagramSocket sender = new DatagramSocket()) {
                        InetAddress target = InetAddress.getByName("10.9.0.2");
                        for (int sent = 0; sent < rounds * lengths.length;) {
                            for (int length : lengths) {
                                sender.send(new DatagramPacket(new byte[length], length, target, 9));
                                sent++;
                            }
                            long wanted = sent - 64;
                            VethNamespace.await(() -> loop.statistics().snapshot().packets(0, Counter.RECEIVED) + loop.statistics().snapshot().packets(0, Counter.MISSED) >= wanted);
                        }
                        VethNamespace.await(() -> loop.statistics().snapshot().packets(0, Counter.RECEIVED) >= (long) rounds * lengths.length);
                    }
                });
                long sent = (long) rounds * lengths.length;
                assertEquals(0, counts.packets(0, Counter.MISSED));
                assertEquals(sent, counts.packets(0, Counter.RECEIVED));
                assertEquals(rounds * (IntStream.of(lengths).sum() + 42L * lengths.length), counts.bytes(0, Counter.RECEIVED));
                for (Counter verdict : List.of(Counter.ABORTED, Counter.DROP, Counter.PASS, Counter.TX, Counter.REDIRECT)) {
                    assertEquals(sent / Verdict.values().length, counts.packets(0, verdict), verdict.name());
                }
                long lost = counts.packets(0, Counter.NOT_SENT) + counts.packets(1, Counter.NOT_SENT);
                assertTrue(lost < sent / 100, lost + " were not sent");
                Umem umem = (Umem) only(ports, 0).memory();
                VethNamespace.await(() -> {
                    all.forEach(XskPort::flush);
                    return umem.frames() == umem.available() + all.stream().mapToInt(XskPort::held).sum();
                });
                assertEquals(64, umem.gathered().available());
            }
        });
    }

    /** Frames as long as the MTU allows leave and arrive as they are, also longer or shorter than they came. */
    @Test
    void packetsOfSeveralBuffersKeepTheirBytes() throws Exception {
        assumeTrue(KernelVersion.current().isAtLeast(6, 6), "before Linux 6.6 AF_XDP has packets of one buffer only");
        VethNamespace.run(() -> {
            VethNamespace.shell("for name in a0 a1; do ip link set $name mtu 9000; done");
            List<byte[]> received = Collections.synchronizedList(new ArrayList<>());
            try (XskPorts ports = XskPorts.open(List.of(settings("a0", 1), settings("a1", 2)), 1, true, false, messages::add);
                    Burst burst = new Burst(64)) {
                XskPort from = only(ports, 0);
                XskPort to = only(ports, 1);
                from.start();
                to.start();
                Random random = new Random(9);
                Umem umem = (Umem) from.memory();
                for (int i = 0; i < 300; i++) {
                    byte[] packet = new byte[60 + random.nextInt(9014 - 60 + 1)];
                    random.nextBytes(packet);
                    packet[0] = 0;
                    long frame = umem.gathered().take();
                    Memory.copyFrom(packet, 0, frame + Burst.HEADROOM, packet.length);
                    burst.setPacket(0, frame, packet.length, 0);
                    assertTrue(from.transmit(burst.descriptor(0)));
                    from.flush();
                    received.clear();
                    VethNamespace.await(() -> {
                        int count = to.receive(burst, 64);
                        for (int j = 0; j < count; j++) {
                            received.add(Memory.bytes(Memory.getLong(burst.descriptor(j) + Burst.DATA), Memory.getInt(burst.descriptor(j) + Burst.LENGTH)));
                            to.release(burst.descriptor(j));
                        }
                        return received.stream().anyMatch(bytes -> Arrays.equals(bytes, packet));
                    });
                }
                assertEquals(64, umem.gathered().available());
            }
        });
    }

    /** Of this thread, in hundredths of a second: utime and stime of proc_pid_stat(5). */
    private static long processorTime() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/thread-self/stat")).replaceFirst(".*\\) ", "").split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Test
    void workersWithoutPacketsSleep() throws Exception {
        VethNamespace.run(() -> {
            try (XskPorts ports = open(settings("a0", 1))) {
                PollLoop loop = new PollLoop(ports.ports().getFirst(), table(0, Verdict.DROP), PassTarget.drop(),
                        PollLoop.Settings.DEFAULT.withDuration(TimeUnit.SECONDS.toNanos(2)));
                long before = processorTime();
                loop.run();
                long hundredths = processorTime() - before;
                assertTrue(hundredths < 60, hundredths + " hundredths of 2 seconds");
            }
        });
    }
}
