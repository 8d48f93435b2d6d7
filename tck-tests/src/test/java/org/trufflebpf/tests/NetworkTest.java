package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.KernelNetwork;
import org.trufflebpf.io.linux.KernelVersion;
import org.trufflebpf.io.net.Hop;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Network;
import org.trufflebpf.language.packettest.TestEngine;

/** bpf_fib_lookup and bpf_check_mtu answer in a network that a file describes what the kernel answers in the same network. */
class NetworkTest {
    private static final Path OBJECT = Project.TEST_PROGRAMS.resolve("helpers").resolve("network.o");
    private static final int ETHERNET = 14;
    private static final int[] TABLES = {0, 100, 101, 253, 254, 255, 7};
    private static final List<String> ADDRESSES_IPV4 = List.of("10.0.0.2", "10.0.0.77", "10.0.0.254", "10.0.0.255", "10.0.0.0", "10.1.0.2",
            "10.7.0.9", "10.10.1.1", "10.99.0.1", "127.0.0.1", "192.0.2.0", "192.0.2.1", "192.168.1.1", "192.168.128.1", "192.168.200.1",
            "192.168.201.1", "192.168.202.1", "192.168.203.9", "192.168.203.10", "192.168.204.1", "192.168.205.1", "192.168.206.1",
            "192.168.207.1", "203.0.113.1",
            "203.0.113.70", "203.0.113.200", "198.51.100.7", "198.51.100.8", "8.8.8.8", "224.0.0.1", "255.255.255.255", "0.0.0.0");
    private static final List<String> ADDRESSES_IPV6 = List.of("fd00::2", "fd00::77", "fd00::fe", "fd00::", "2001:db8:1::1", "2001:db8:1:2::9",
            "2001:db8:1:2::a", "2001:db8:2::1", "2001:db8:3::1", "2001:db8:4::1", "2001:db8:5::1", "2001:db8:6::1", "2001:db8:6:1::1",
            "2001:db8:6:2::1", "2001:db8:7::1", "2001:db8:7::9", "2001:db8:8::1", "2001:db8:99::1", "fe80::1", "ff02::1", "::1", "::");
    private static final List<String> SOURCES_IPV4 = List.of("10.2.0.9", "10.9.0.1", "10.8.0.1", "10.8.1.1", "10.8.2.1", "10.8.3.1", "10.6.0.1",
            "10.6.1.1", "10.5.0.1", "0.0.0.0");
    private static final List<String> SOURCES_IPV6 = List.of("2001:db8:100::1", "2001:db8:9::1", "2001:db8:a::1", "fd00::2", "fe80::2");

    private static byte[] packet(ByteBuffer contents) {
        return Arrays.copyOf(ByteBuffer.allocate(ETHERNET + contents.capacity()).put(ETHERNET, contents.array()).array(), 128);
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(ByteBuffer buffer, int at, IpAddress address) {
        ByteBuffer big = buffer.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (address.ipv6()) {
            big.putLong(at, address.high()).putLong(at + 8, address.low());
        } else {
            big.putInt(at, (int) (address.high() >>> 32));
        }
    }

    /** struct request of network.c. */
    private static byte[] lookup(String source, String target, int ifindex, int flags, int length, int tos, int mark, int table, int protocol,
            int sport, int dport) {
        ByteBuffer request = buffer(80).putInt(0, flags).putInt(4, 64);
        request.put(16, (byte) (target.contains(":") ? 10 : 2)).put(17, (byte) protocol);
        request.putShort(18, Short.reverseBytes((short) sport)).putShort(20, Short.reverseBytes((short) dport)).putShort(22, (short) length);
        request.putInt(24, ifindex).putInt(28, tos);
        put(request, 32, IpAddress.parse(source));
        put(request, 48, IpAddress.parse(target));
        request.putInt(64, table).putInt(68, mark);
        return packet(request);
    }

    /** Every target with each flag, and many with everything at random. */
    private static List<byte[]> lookups() {
        List<byte[]> packets = new ArrayList<>();
        for (String target : ADDRESSES_IPV4) {
            for (int flags : new int[]{0, 1, 2, 3, 4, 16, 20}) {
                packets.add(lookup("10.2.0.9", target, 2, flags, 0, 0, 0, 0, 17, 1000, 53));
            }
        }
        for (String target : ADDRESSES_IPV6) {
            for (int flags : new int[]{0, 1, 2, 3, 4, 16, 20}) {
                packets.add(lookup("2001:db8:100::1", target, 2, flags, 0, 0, 0, 0, 17, 1000, 53));
            }
        }
        Random random = new Random(4);
        for (int i = 0; i < 4000; i++) {
            boolean ipv6 = random.nextInt(3) == 0;
            String source = random(random, ipv6 ? SOURCES_IPV6 : SOURCES_IPV4);
            String target = random(random, ipv6 ? ADDRESSES_IPV6 : ADDRESSES_IPV4);
            packets.add(lookup(source, target, 1 + random.nextInt(8), random.nextInt(64), random.nextBoolean() ? 0 : 900 + random.nextInt(700),
                    random.nextInt(3) * 8, random.nextInt(4) == 0 ? 0x17 : random.nextInt(10), TABLES[random.nextInt(TABLES.length)],
                    random.nextBoolean() ? 17 : 6, 98 + random.nextInt(3), 52 + random.nextInt(4)));
        }
        byte[] strange = lookup("10.2.0.9", "10.0.0.2", 2, 64, 0, 0, 0, 0, 17, 1, 2);
        packets.add(strange);
        byte[] family = lookup("10.2.0.9", "10.0.0.2", 2, 0, 0, 0, 0, 0, 17, 1, 2);
        family[ETHERNET + 16] = 7;
        packets.add(family);
        byte[] small = lookup("10.2.0.9", "10.0.0.2", 2, 0, 0, 0, 0, 0, 17, 1, 2);
        small[ETHERNET + 4] = 60;
        packets.add(small);
        return packets;
    }

    private static String random(Random random, List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** struct question of network.c. */
    private static List<byte[]> questions() {
        List<byte[]> packets = new ArrayList<>();
        for (int ifindex : new int[]{0, 1, 2, 3, 7, 99, -1}) {
            for (int length : new int[]{0, 1, 1300, 1301, 1400, 1401, 1500, 1501, 65536, -1, Integer.MAX_VALUE}) {
                for (int difference : new int[]{0, 1, -1, 1386, 1387, Integer.MIN_VALUE}) {
                    packets.add(packet(buffer(28).putInt(16, ifindex).putInt(20, length).putInt(24, difference)));
                }
            }
        }
        packets.add(packet(buffer(28).putLong(0, 1).putInt(16, 2)));
        packets.add(packet(buffer(28).putLong(0, 1L << 32).putInt(16, 2)));
        return packets;
    }

    private static List<String> ours(String program, List<byte[]> packets, String... arguments) {
        String request = new Gson().toJson(Map.of("op", "run_elf", "id", 1, "object", OBJECT.toString(), "program", program, "packets",
                packets.stream().map(HexFormat.of()::formatHex).toList())) + "\n";
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).in(new ByteArrayInputStream(request.getBytes(StandardCharsets.UTF_8)))
                .out(output).build()) {
            context.getBindings("ebpf").getMember("batch").execute((Object[]) arguments);
        }
        JsonObject answer = JsonParser.parseString(output.toString(StandardCharsets.UTF_8)).getAsJsonObject();
        assertEquals("ok", answer.get("status").getAsString(), answer::toString);
        return answer.getAsJsonArray("runs").asList().stream().map(run -> run.getAsJsonArray().get(1).getAsString()).toList();
    }

    private static List<String> kernels(String program, List<byte[]> packets) throws IOException, TestEngine.FailedException {
        try (TestEngine.Session session = new KernelEngine().load(Files.readAllBytes(OBJECT), "network.o", program)) {
            List<String> answers = new ArrayList<>();
            for (byte[] packet : packets) {
                answers.add(HexFormat.of().formatHex(session.run(new TestEngine.Input(packet, new byte[0])).packet()));
            }
            return answers;
        }
    }

    private static Path file(String name) {
        try {
            return Path.of(NetworkTest.class.getResource("/network/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void compare(String program, List<byte[]> packets, List<String> expected, List<String> got) {
        List<String> different = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).equals(got.get(i))) {
                different.add("asked " + HexFormat.of().formatHex(packets.get(i)) + "\nkernel " + expected.get(i) + "\nours  " + got.get(i));
            }
        }
        assertEquals("", String.join("\n", different.subList(0, Math.min(5, different.size()))), different.size() + " of " + program);
    }

    private static void assumeKernel() {
        if (!Bpf.available()) {
            System.out.println("skipped: " + Bpf.reason());
        }
        assumeTrue(Bpf.available(), Bpf.reason());
        assumeTrue(KernelVersion.current().isAtLeast(6, 12), "before Linux 6.12 lookups knew no marks");
    }

    @ParameterizedTest
    @CsvSource({"environment.json, --env", "rules.json, --env", "environment.json, --compile", "rules.json, --compile"})
    void answersAsTheKernelDoes(String file, String mode) throws Exception {
        assumeKernel();
        Path environment = file(file);
        String[] arguments = mode.equals("--env") ? new String[]{"--env", environment.toString()} : new String[]{"--compile", "--env=" + environment};
        Map<String, List<byte[]>> packets = Map.of("route", lookups(), "mtu", questions());
        for (String program : packets.keySet()) {
            List<String> expected = EnvironmentNamespace.with(Files.readString(environment), () -> kernels(program, packets.get(program)));
            assumeTrue(expected != null, "no network namespace can be made here");
            compare(program, packets.get(program), expected, ours(program, packets.get(program), arguments));
        }
    }

    /** The same with what the kernel says of itself. */
    @ParameterizedTest
    @ValueSource(strings = {"environment.json", "rules.json"})
    void answersAsTheKernelDoesFromTheKernelsTables(String file) throws Exception {
        assumeKernel();
        Map<String, List<byte[]>> packets = Map.of("route", lookups(), "mtu", questions());
        Boolean done = EnvironmentNamespace.with(Files.readString(file(file)), () -> {
            for (String program : packets.keySet()) {
                List<byte[]> given = packets.get(program);
                compare(program, given, kernels(program, given), ours(program, given, "--env", "kernel"));
            }
            return true;
        });
        assumeTrue(done != null, "no network namespace can be made here");
    }

    @Test
    void followsTheKernelsChanges() throws Exception {
        assumeKernel();
        Boolean done = EnvironmentNamespace.with(Files.readString(file("environment.json")), () -> {
            long target = IpAddress.parse("100.64.0.1").high();
            long neighbour = IpAddress.parse("10.1.0.9").high();
            try (KernelNetwork network = KernelNetwork.open(tables -> tables, line -> fail(line))) {
                assertEquals(Hop.Outcome.NOT_FORWARDED, route(network, target));
                assertEquals(-1, network.view().current().neighbour(network.view().current().port(3), false, neighbour, 0));
                EnvironmentNamespace.shell("ip route add 100.64.0.0/10 via 10.1.0.9 dev d3\nip neigh add 10.1.0.9 lladdr 02:00:00:00:22:99 dev d3\n"
                        + "ip link set d2 mtu 1444\n");
                long start = System.nanoTime();
                while (System.nanoTime() - start < 10_000_000_000L && (route(network, target) != Hop.Outcome.FORWARDED
                        || network.view().current().port(2).mtu() != 1444)) {
                    Thread.sleep(10);
                }
                Network now = network.view().current();
                assertEquals(Hop.Outcome.FORWARDED, route(network, target));
                assertEquals(0x0200_0000_2299L, now.neighbour(now.port(3), false, neighbour, 0));
                assertEquals(1444, now.port(2).mtu());
            }
            return true;
        });
        assumeTrue(done != null, "no network namespace can be made here");
    }

    private static Hop.Outcome route(KernelNetwork network, long target) {
        return network.view().current().route(2, 0, 0, target, 0, 0, 0, 0, 0).outcome;
    }
}
