package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.trufflebpf.bench.Scenario.Targets;
import org.trufflebpf.language.packettest.Outcome;
import org.trufflebpf.language.packettest.PacketTest;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.packettest.PacketTestParser;
import org.trufflebpf.language.packettest.PacketTestRunner;
import org.trufflebpf.language.packettest.TestFiles;

/** The network functions of xdp_progs with the rules and flows that they are measured with, written as packet tests. */
final class Scenarios {
    private static final double ANY = Double.NaN;
    /** Programs that take native code less than 5 ns: each of them may take ours so many times as long. */
    private static final double TRIVIAL = 1.4;

    private static final String TCP = "packet eth / ipv4 src=10.0.0.1 dst=10.0.0.2 / tcp sport=40000 dport=80 flags=A pad to 64\n";

    /** By program, in the order of the table; a packet test each, with the targets. */
    private static final Map<String, Definition> ALL = new LinkedHashMap<>();

    private record Definition(String object, Targets targets, String text) {
    }

    static {
        add("xdp_pass", ANY, ANY, TCP + "expect PASS");
        add("xdp_drop", 1, TRIVIAL, TCP + "expect DROP");
        add("xdp_tx", 1, TRIVIAL, TCP + "expect TX");
        add("xdp_map_access", 1, TRIVIAL, TCP + "expect TX");
        add("xdp_maps", 12, ANY, TCP + "expect TX");
        add("xdp_csum", 2, ANY, TCP + "expect TX");
        add("xdp_hash_sum", 2.2, ANY, TCP + "expect TX");
        add("xdping", 1.5, ANY, """
                program xdping_server
                packet eth / ipv4 src=10.0.0.1 dst=10.0.0.2 / icmp type=8 id=7 seq=1 / payload 22 bytes
                expect TX""");
        add("xdp-firewall", 5, ANY, rules(100, i -> "map l3_filter[{10.1." + i / 256 + "." + i % 256 + ", zero 12, u32 0x0800, zero 4}] = 0")
                + TCP + "expect PASS");
        add("xdp_fw", 4, ANY, """
                map tx_port[0] = 1
                map tx_port[1] = 1
                map ports[0] = 1
                map ports[1] = 2
                """ + rules(100, i -> "map flow_ctx_table[{u16 6, be16 " + (40000 + i) + ", be16 80, u16 0, 10.0.0.1, 192.0.2.2}] = {u16 0, u16 1}") + """
                packet eth / ipv4 src=10.0.0.1 dst=192.0.2.2 / tcp sport=40050 dport=80 flags=A pad to 64
                expect REDIRECT""");
        add("xdp-loadbalancer", 1.8, ANY, """
                map config[0] = {10.0.0.100, u32 16, 02:00:00:00:00:02, 02:00:00:00:00:01}
                """ + rules(16, i -> "map targets[" + i + "] = {10.0.1." + (i + 1) + ", 02:00:00:00:01:0" + Integer.toHexString(i) + ", zero 2}") + """
                packet eth / ipv4 src=192.0.2.1 dst=10.0.0.100 / tcp sport=40002 dport=80 flags=A pad to 64
                expect TX""");
        add("xdp-acl", 4, ANY, rules(10_000, i -> "map ipv4_rules[{u32 32, 10." + i / 2500 + "." + i % 2500 / 10 + "." + (i % 10 * 25 + 1) + "}] = {u32 1, u32 0}") + """
                packet eth / ipv4 src=10.2.7.26 dst=192.0.2.1 / tcp sport=40000 dport=80 flags=A pad to 64
                expect PASS""");
        add("xdp-observer", 4, ANY, TCP + "expect PASS");
        add("xdp_tcpclassify", 6, ANY, "packet eth / ipv4 / tcp sport=40000 dport=80 flags=PA / payload \"GET / HTTP/1.1\\r\\n\\r\\n\"\nexpect PASS");
        add("xdp_adjust_tail", 2.5, ANY, """
                map .data[0] = {u32 200}
                packet eth / ipv4 src=10.0.0.1 dst=10.0.0.2 / udp / payload 214 bytes
                expect TX""");
        add("tx_ip_tunnel", 1.5, ANY, """
                map vip2tnl[{10.0.0.100, zero 12, be16 80, u16 2, u8 6, zero 3}] = {10.0.1.1, zero 12, 10.0.1.2, zero 12, u16 2, 02:00:00:00:01:02}
                packet eth / ipv4 src=192.0.2.1 dst=10.0.0.100 / tcp dport=80 flags=A pad to 64
                expect TX""");
        add("xpress-dns", 3.5, ANY, rules(90, i -> "map xdns_a_records[{u16 1, u16 1, \"\\x06name" + (i + 10) + "\\x07example\", zero 241}] = {192.0.2."
                + (i + 1) + ", u32 3600}") + """
                packet eth / ipv4 src=10.0.0.1 dst=10.0.0.53 / udp sport=40000 dport=53
                    / payload hex 1234 0100 0001 0000 0000 0000 06 6e616d653237 07 6578616d706c65 00 0001 0001
                expect TX""");
        add("l4lb", 2.5, 0.6, """
                program l4lb
                map ctl[0] = {02:00:00:00:00:99, be16 0, 172.16.0.0, 2001:db8:ff::, u32 1500, u32 0, u32 0}
                map vip_map[{10.0.0.2, zero 12, be16 80, u8 6, u8 4}] = {u32 1, u32 0}
                map vip_addresses[{10.0.0.2, zero 12, u32 4}] = 1
                map reals[7] = {10.0.1.7, zero 12, u8 4, u8 0, zero 2}
                map rings[106280] = 8
                """ + rules(16, i -> "map flows_" + i + "[{10.0.0.1, zero 12, 10.0.0.2, zero 12, be16 1234, be16 80, u8 6, u8 4, zero 2}] = {u32 7, u32 0, u64 0}") + """
                packet eth / ipv4 src=10.0.0.1 dst=10.0.0.2 / tcp sport=1234 dport=80 flags=PA / payload 10 bytes
                expect TX""");
        add("xdp_cpumap", ANY, ANY, """
                map cpu_map[0] = 192
                map cpus_available[0] = 0
                map cpus_count[0] = 1
                """ + TCP + "expect REDIRECT");
        add("xdp-dump", ANY, ANY, TCP + "expect PASS");
    }

    private Scenarios() {
    }

    private static void add(String program, double kernelToOurs, double oursToNative, String text) {
        ALL.put(program, new Definition(program + "/" + program + ".o", new Targets(kernelToOurs, oursToNative), text));
    }

    private static String rules(int count, IntFunction<String> rule) {
        return IntStream.range(0, count).mapToObj(i -> rule.apply(i) + "\n").collect(Collectors.joining());
    }

    /** The programs' names, in the order of the table. */
    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** @param name one of {@link #names} */
    static Scenario named(String name) {
        Definition definition = ALL.get(name);
        Path folder = Checkout.root().resolve(Checkout.PROGRAMS);
        // The statement that names the program comes before the test.
        List<String> programs = definition.text().lines().filter(line -> line.startsWith("program ")).toList();
        String statements = definition.text().lines().filter(line -> !line.startsWith("program ")).collect(Collectors.joining("\n"));
        String text = "object " + definition.object() + "\n" + String.join("\n", programs) + "\ntest \"" + name + "\"\n" + statements + "\n";
        try {
            List<PacketTest> tests = PacketTestParser.parse(text.getBytes(StandardCharsets.UTF_8));
            ScenarioRecorder recorder = new ScenarioRecorder(tests.getFirst());
            Outcome outcome = new PacketTestRunner(recorder, TestFiles.ofProcess(), folder.resolve(name + ".ptest").toString()).run(tests).getFirst();
            if (outcome.kind() == Outcome.Kind.UNREADABLE) {
                throw new UncheckedIOException(new IOException(outcome.message()));
            }
            if (outcome.kind() != Outcome.Kind.PASSED) {
                throw new IllegalStateException(name + ": " + outcome.message());
            }
            return recorder.scenario(name, folder.resolve(definition.object()), definition.targets());
        } catch (PacketTestException e) {
            throw new IllegalStateException(name + ": " + e.position() + ": " + e.getMessage(), e);
        }
    }

    /** @param names those of programs */
    static List<Scenario> named(List<String> names) {
        List<Scenario> scenarios = new ArrayList<>();
        names.forEach(name -> scenarios.add(named(name)));
        return scenarios;
    }
}
