package org.trufflebpf.io.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.linux.Device;
import org.trufflebpf.io.linux.NetworkNamespace;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.port.Port;

/** In a network namespace that lives as long as the thread of the test. */
@Timeout(60)
class TapPortTest {
    private static final InetAddress PEER = InetAddress.ofLiteral("10.9.0.2");
    private static final int PORT = 4000;

    private final List<String> messages = new ArrayList<>();

    private static TapSettings settings(String device, String... addresses) {
        return new TapSettings(device, 7, 0x02_00_00_00_09_01L, null, List.of(addresses).stream().map(TapSettings.Address::parse).toList(), 0, false);
    }

    private static void inNamespace(Callable<?> test) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            if (!NetworkNamespace.enterNew()) {
                return false;
            }
            shell("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
            test.call();
            return true;
        });
        Thread.ofPlatform().start(task);
        try {
            assumeTrue(task.get(), "network namespaces need root");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    private static void shell(String script) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-ec", script).redirectErrorStream(true).start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), output);
    }

    private static int receive(TapPort port, Burst burst) throws IOException, InterruptedException {
        int count = port.receive(burst, burst.capacity());
        for (int i = 0; i < 1000 && count == 0; i++) {
            TimeUnit.MILLISECONDS.sleep(1);
            count = port.receive(burst, burst.capacity());
        }
        return count;
    }

    private static short word(long address) {
        return Short.reverseBytes(Memory.getShort(address));
    }

    /** Makes a UDP packet its own answer; its checksum stays right. */
    private static void turnRound(long data) {
        swap(data, 6, 6);
        swap(data + 14 + 12, 4, 4);
        swap(data + 14 + 20, 2, 2);
    }

    private static void swap(long address, int distance, int length) {
        byte[] first = Memory.bytes(address, length);
        Memory.copy(address + distance, address, length);
        Memory.copyFrom(first, 0, address + distance, length);
    }

    @Test
    void packetsOfTheStackComeAndAnswersReachIt() throws Exception {
        inNamespace(() -> {
            try (TapPort port = TapPort.open(settings("t0", "10.9.0.1/24"), 1, false, messages::add).getFirst();
                    Burst burst = new Burst(64);
                    DatagramSocket socket = new DatagramSocket(PORT)) {
                shell("ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev t0");
                socket.setSoTimeout(10_000);
                assertEquals(7, port.ifindex());
                assertEquals(0, port.receive(burst, 64));
                for (int i = 0; i < 300; i++) {
                    byte[] text = ("packet " + i + "x".repeat(i * 4)).getBytes(StandardCharsets.US_ASCII);
                    socket.send(new DatagramPacket(text, text.length, PEER, PORT + 1));
                    assertEquals(1, receive(port, burst));
                    long descriptor = burst.descriptor(0);
                    long data = Memory.getLong(descriptor + Burst.DATA);
                    assertEquals(14 + 20 + 8 + text.length, Memory.getInt(descriptor + Burst.LENGTH));
                    assertEquals(0x0800, word(data + 12));
                    assertEquals(0x0200, word(data + 6), "source MAC");
                    assertEquals(0x0901, word(data + 10), "source MAC");
                    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
                    assertEquals(now, Memory.getLong(descriptor + Burst.TIMESTAMP), TimeUnit.SECONDS.toNanos(10));
                    turnRound(data);
                    assertTrue(port.transmit(descriptor));
                    DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
                    socket.receive(answer);
                    assertEquals(new InetSocketAddress(PEER, PORT + 1), answer.getSocketAddress());
                    assertEquals(new String(text, StandardCharsets.US_ASCII),
                            new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII));
                }
                assertEquals(128, port.freeFrames());
                assertEquals(0, port.missed());
            }
            assertNull(Device.find("t0"), "the interface is left");
            return null;
        });
    }

    @Test
    void severalQueuesAreOneInterface() throws Exception {
        inNamespace(() -> {
            List<TapPort> queues = TapPort.open(settings("t0", "10.9.0.1/24"), 3, false, messages::add);
            assertEquals(List.of(0, 1, 2), queues.stream().map(Port::rxQueue).toList());
            shell("ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev t0");
            int received = 0;
            try (Burst burst = new Burst(64)) {
                for (int flow = 0; flow < 50; flow++) {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        socket.send(new DatagramPacket(new byte[10], 10, PEER, PORT));
                    }
                }
                TimeUnit.MILLISECONDS.sleep(50);
                for (TapPort queue : queues) {
                    received += queue.receive(burst, 64);
                }
            }
            assertEquals(50, received);
            for (TapPort queue : queues) {
                assertNotNull(Device.find("t0"));
                queue.close();
                queue.close();
            }
            assertNull(Device.find("t0"));
            return null;
        });
    }

    @Test
    void oneThatWasThereStays() throws Exception {
        inNamespace(() -> {
            shell("ip tuntap add t0 mode tap multi_queue");
            try (TapPort port = TapPort.open(settings("t0"), 1, false, messages::add).getFirst()) {
                assertFalse(Device.find("t0").isUp(), "it is as it was");
                assertEquals(0, port.missed());
            }
            assertNotNull(Device.find("t0"));
            TapSettings up = new TapSettings("t0", 1, TapSettings.ANY_MAC, "t0", List.of(), 1400, true);
            try (TapPort port = TapPort.open(up, 1, false, messages::add).getFirst()) {
                assertTrue(Device.find("t0").isUp());
                assertEquals(1400, Device.find("t0").mtu());
            }
            return null;
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "ip link add t0 type veth peer name t1      | 1 | tap:t0: there is an interface of that name that is no TAP interface",
            "ip tuntap add t0 mode tun                 | 1 | tap:t0: there is an interface of that name that is no TAP interface",
            "ip tuntap add t0 mode tap                 | 2 | tap:t0: there is an interface of that name that is no TAP interface, or one without several queues",
            "true                                      | 300 | tap:t0: it has no more queues"})
    void whatCannotBeOpenedSaysWhyAndLeavesNothing(String before, int queues, String message) throws Exception {
        inNamespace(() -> {
            shell(before);
            boolean there = Device.find("t0") != null;
            IOException e = assertThrows(IOException.class, () -> TapPort.open(settings("t0"), queues, false, messages::add));
            assertEquals(message, e.getMessage());
            assertEquals(there, Device.find("t0") != null);
            return null;
        });
    }

    @Test
    void oneProcessAtATimeHasIt() throws Exception {
        inNamespace(() -> {
            try (TapPort port = TapPort.open(settings("t0"), 1, false, messages::add).getFirst()) {
                IOException e = assertThrows(IOException.class, () -> TapPort.open(settings("t0"), 1, false, messages::add));
                assertEquals("tap:t0: another process has it open", e.getMessage());
                assertEquals(0, port.missed());
            }
            return null;
        });
    }

    @Test
    void anAddressThatTheKernelRefusesIsAnErrorAndNothingIsLeft() throws Exception {
        inNamespace(() -> {
            IOException e = assertThrows(IOException.class, () -> TapPort.open(settings("t0", "224.0.0.1/24"), 1, false, messages::add));
            assertEquals("tap:t0: the address cannot be set: error 22", e.getMessage());
            assertNull(Device.find("t0"));
            return null;
        });
    }

    @Test
    void aRemovedInterfaceBreaksThePort() throws Exception {
        inNamespace(() -> {
            try (TapPort port = TapPort.open(settings("t0"), 1, false, messages::add).getFirst(); Burst burst = new Burst(64)) {
                assertEquals(0, port.receive(burst, 64));
                shell("ip link del t0");
                IOException e = assertThrows(IOException.class, () -> port.receive(burst, 64));
                assertEquals("tap:t0: the interface is gone", e.getMessage());
                assertEquals(Port.END, port.receive(burst, 64));
            }
            return null;
        });
    }

    @Test
    void linkDownIsToldAndPacketsAreNotSent() throws Exception {
        inNamespace(() -> {
            try (TapPort port = TapPort.open(settings("t0", "10.9.0.1/24"), 1, false, messages::add).getFirst(); Burst burst = new Burst(64);
                    DatagramSocket socket = new DatagramSocket(PORT)) {
                shell("ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev t0");
                socket.send(new DatagramPacket(new byte[10], 10, PEER, PORT));
                assertEquals(1, receive(port, burst));
                turnRound(Memory.getLong(burst.descriptor(0) + Burst.DATA));
                for (String state : List.of("down", "up")) {
                    shell("ip link set t0 " + state);
                    TimeUnit.MILLISECONDS.sleep(150);
                    assertEquals(0, port.receive(burst, 64));
                    assertEquals(state.equals("up"), port.copy(burst.descriptor(0)));
                }
                port.release(burst.descriptor(0));
                assertEquals(List.of("tap:t0: the link is down", "tap:t0: the link is up"), messages);
                assertEquals(1, port.details().get("not sent as link was down"));
            }
            return null;
        });
    }

    @Test
    void framesThatAreTooLongAreMissed() throws Exception {
        inNamespace(() -> {
            TapSettings jumbo = new TapSettings("t0", 1, TapSettings.ANY_MAC, null, List.of(TapSettings.Address.parse("10.9.0.1/24")), 9000, true);
            try (TapPort port = TapPort.open(jumbo, 1, false, messages::add).getFirst(); Burst burst = new Burst(64);
                    DatagramSocket socket = new DatagramSocket(PORT)) {
                shell("ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev t0");
                for (int length : new int[]{3520 - 42, 3521 - 42, 8000, 100}) {
                    socket.send(new DatagramPacket(new byte[length], length, PEER, PORT));
                }
                assertEquals(2, receive(port, burst));
                assertEquals(3520, Memory.getInt(burst.descriptor(0) + Burst.LENGTH));
                assertEquals(142, Memory.getInt(burst.descriptor(1) + Burst.LENGTH));
                assertEquals(2, port.missed());
            }
            return null;
        });
    }

    /** In both directions: what comes is sent back as long as it came. */
    @Test
    void packetsOfSeveralBuffersComeAndGo() throws Exception {
        inNamespace(() -> {
            TapSettings jumbo = new TapSettings("t0", 1, TapSettings.ANY_MAC, null, List.of(TapSettings.Address.parse("10.9.0.1/24")), 9000, true);
            try (TapPort port = TapPort.open(jumbo, 1, true, messages::add).getFirst(); Burst burst = new Burst(64);
                    DatagramSocket socket = new DatagramSocket(PORT)) {
                shell("ip neigh add 10.9.0.2 lladdr 02:00:00:00:09:02 dev t0");
                int[] lengths = {3520, 3521, 8000, 9014, 100};
                for (int length : lengths) {
                    socket.send(new DatagramPacket(new byte[length - 42], length - 42, PEER, PORT));
                }
                assertEquals(lengths.length, receive(port, burst));
                for (int i = 0; i < lengths.length; i++) {
                    assertEquals(lengths[i], Memory.getInt(burst.descriptor(i) + Burst.LENGTH));
                    assertEquals(Burst.frameSize(lengths[i]), Memory.getInt(burst.descriptor(i) + Burst.FRAME_SIZE));
                    assertTrue(port.transmit(burst.descriptor(i)));
                }
                assertEquals(0, port.missed());
                assertEquals(128, port.freeFrames());
            }
            return null;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen.letters.", "a/b", "tap%d", "a b", ".", "..", "a:b", "ääääääää"})
    void whatIsNoName(String text) {
        assertFalse(TapSettings.isName(text));
        assertTrue(TapSettings.isName("fifteen.letters"));
    }
}
