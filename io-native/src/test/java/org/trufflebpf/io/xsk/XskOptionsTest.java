package org.trufflebpf.io.xsk;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.loop.Counter;
import org.trufflebpf.io.loop.Statistics;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** What can be chosen for AF_XDP ports, and what the kernel then says of it. */
@Timeout(60)
final class XskOptionsTest {
    private static final int SIZE = 64;
    private static final int ENOTCONN = 107;
    private static final int SO_BUSY_POLL = 46;
    private static final int SO_PREFER_BUSY_POLL = 69;
    private static final int MANY = 5000;
    private static final Path HUGE_PAGES = Path.of("/proc/sys/vm/nr_hugepages");
    private static final BurstProcessor DROPS = burst -> {
        for (int i = 0; i < burst.count(); i++) {
            Memory.putInt(burst.descriptor(i) + Burst.VERDICT, Verdict.DROP.ordinal());
        }
    };

    private final List<String> messages = Collections.synchronizedList(new ArrayList<>());

    private static XskSettings settings(String device, XskSettings.Attaching attaching, boolean huge) {
        return new XskSettings(device, 1, 0, XskSettings.Copying.AUTOMATIC, attaching, 512, huge);
    }

    private XskPorts open(XskSettings settings, boolean busyPoll) throws IOException {
        return XskPorts.open(List.of(settings), 1, false, busyPoll, messages::add);
    }

    private void receivesAll(XskPorts ports) throws Exception {
        Statistics.Snapshot counts = VethNamespace.during(ports.ports().getFirst(), DROPS, loop -> {
            VethNamespace.await(() -> messages.stream().anyMatch(line -> line.contains(": receives by ")));
            Thread.sleep(50);
            VethNamespace.send("a1", MANY, loop);
        });
        assertEquals(MANY, counts.packets(Counter.DROP));
    }

    /** The socket is connected with nobody: each system call fails, and so is seen. */
    @Test
    void callsTheKernelOnlyWhereItAsksForThat() {
        assumeTrue(Libc.available(), "needs Linux on x86-64");
        try (MemoryKernel kernel = new MemoryKernel(SIZE); XskSocket socket = kernel.socket()) {
            kernel.wantWakeups(false);
            assertEquals(0, socket.send());
            kernel.wantWakeups(true);
            assertEquals(ENOTCONN, socket.send());
        }
    }

    @Test
    void packetsLieInHugePages() throws Exception {
        VethNamespace.run(() -> {
            String before = Files.readString(HUGE_PAGES);
            try {
                Files.writeString(HUGE_PAGES, Integer.toString(Integer.parseInt(before.strip()) + 16));
                long free = freeHugePages();
                assumeTrue(free >= 8, "no memory for huge pages here");
                try (XskPorts ports = open(settings("a0", XskSettings.Attaching.AUTOMATIC, true), false)) {
                    assertTrue(freeHugePages() < free, "none was taken");
                    receivesAll(ports);
                }
                // The kernel lets go of a socket's memory late.
                VethNamespace.await(() -> freeHugePages() == free);
            } finally {
                Files.writeString(HUGE_PAGES, before);
            }
        });
    }

    private static long freeHugePages() throws IOException {
        return Files.readString(Path.of("/proc/meminfo")).lines().filter(line -> line.startsWith("HugePages_Free:")).map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong).findFirst().orElse(0);
    }

    @Test
    void withoutHugePagesSmallOnesAreTaken() throws Exception {
        VethNamespace.run(() -> {
            assumeTrue(freeHugePages() == 0, "there are free huge pages");
            try (XskPorts ports = open(settings("a0", XskSettings.Attaching.AUTOMATIC, true), false)) {
                assertEquals("xsk: there are no free huge pages, so packets lie in small ones: sysctl vm.nr_hugepages makes some", messages.getFirst());
                receivesAll(ports);
            }
        });
    }

    @Test
    void busyPollingIsTheSocketsAndPacketsCome() throws Exception {
        VethNamespace.run(() -> {
            XskSettings settings = settings("a0", XskSettings.Attaching.AUTOMATIC, false);
            try (Umem umem = new Umem(2048, false, false); XskSocket socket = XskSocket.open(settings, Device.find("a0"), 0, umem)) {
                assertEquals(0, option(socket, SO_PREFER_BUSY_POLL));
                socket.pollBusily();
                assertEquals(1, option(socket, SO_PREFER_BUSY_POLL));
                assertEquals(20, option(socket, SO_BUSY_POLL));
            }
            try (XskPorts ports = open(settings, true)) {
                receivesAll(ports);
            }
        });
    }

    private static int option(XskSocket socket, int option) {
        try (NativeBlock block = new NativeBlock(2 * Long.BYTES)) {
            Memory.putInt(block.address() + Long.BYTES, Integer.BYTES);
            assertEquals(0, Libc.getsockopt(socket.descriptor(), Libc.SOL_SOCKET, option, block.address(), block.address() + Long.BYTES));
            return Memory.getInt(block.address());
        }
    }

    /** Bridges have no XDP of its own. */
    @Test
    void whatTheDriverCannotDoTheStackDoes() throws Exception {
        VethNamespace.run(() -> {
            VethNamespace.shell("""
                    ip link add bridge0 type bridge
                    echo 1 > /proc/sys/net/ipv6/conf/bridge0/disable_ipv6
                    ip link set bridge0 up
                    ip link set a0 master bridge0
                    ip addr add 10.9.0.1/24 dev a1
                    ip neigh add 10.9.0.2 lladdr $(ip link show bridge0 | sed -n 's/.*ether \\([^ ]*\\).*/\\1/p') dev a1
                    """);
            assertThrows(IOException.class, () -> open(settings("bridge0", XskSettings.Attaching.NATIVE, false), false).close());
            try (XskPorts ports = open(settings("bridge0", XskSettings.Attaching.AUTOMATIC, false), false)) {
                Statistics.Snapshot counts = VethNamespace.during(ports.ports().getFirst(), DROPS, loop -> {
                    VethNamespace.await(() -> messages.contains("xsk:bridge0, queue 0: receives by copy, generic XDP"));
                    Thread.sleep(50);
                    try (DatagramSocket sender = new DatagramSocket()) {
                        for (int i = 0; i < 100; i++) {
                            sender.send(new DatagramPacket(new byte[20], 20, InetAddress.ofLiteral("10.9.0.2"), 9));
                        }
                    }
                    VethNamespace.await(() -> loop.statistics().snapshot().packets(Counter.RECEIVED) == 100);
                });
                assertEquals(100, counts.packets(Counter.DROP));
            }
        });
    }
}
