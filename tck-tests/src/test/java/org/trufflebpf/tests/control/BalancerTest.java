package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.tests.Project;

/**
 * l4lb loses one of its servers in the middle of traffic. One service remembers connections, the other one follows its ring at once, which shows what
 * the ring does with flows.
 */
@Timeout(240)
class BalancerTest {
    private static final Path FOLDER = Project.PROGRAMS.resolve("l4lb");
    private static final int SERVERS = 8;
    private static final int REMOVED = 3;
    private static final int REMEMBERED = 80;
    private static final int BY_RING = 81;
    /** Of each service. */
    private static final int FLOWS = 2000;
    /** All flows in turn, so that every so many packets each of them was there once. */
    private static final String PACKETS = "gen:eth / ipv4 src=192.0.2.1 dst=10.0.0.100 / tcp sport=10001-12000 dport=80|81 flags=A"
            + ",order=turn,rate=10K,out=";
    private static final int TURN = 2 * FLOWS;

    /** Offsets in what the balancer sends: an Ethernet header, and two IPv4 headers. */
    private static final int SERVER = 14 + 19;
    private static final int CLIENT_PORT = 14 + 20 + 20;
    private static final int SERVICE_PORT = CLIENT_PORT + 2;

    @TempDir
    private Path folder;

    private record Flow(int clientPort, int servicePort) {
    }

    /** The last bytes of the addresses of the servers that packets of each flow went to, in the order of the packets. */
    private static Map<Flow, List<Integer>> flows(Path capture) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(capture)).order(ByteOrder.LITTLE_ENDIAN);
        Map<Flow, List<Integer>> flows = new LinkedHashMap<>();
        int at = 24;
        while (at < bytes.limit()) {
            int packet = at + 16;
            Flow flow = new Flow(port(bytes, packet + CLIENT_PORT), port(bytes, packet + SERVICE_PORT));
            flows.computeIfAbsent(flow, key -> new ArrayList<>()).add((int) bytes.get(packet + SERVER));
            at = packet + bytes.getInt(at + 8);
        }
        return flows;
    }

    private static int port(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(Short.reverseBytes(bytes.getShort(at)));
    }

    private String configuration() throws IOException {
        StringBuilder text = new StringBuilder("set gateway 02:00:00:00:00:fe\nset source-v4 172.16.0.0\n");
        text.append("vip tcp 10.0.0.100 80\nvip tcp 10.0.0.100 81 no-table\n");
        for (int service : List.of(REMEMBERED, BY_RING)) {
            for (int server = 1; server <= SERVERS; server++) {
                text.append("real tcp 10.0.0.100 %d 10.0.1.%d\n".formatted(service, server));
            }
        }
        return Files.writeString(folder.resolve("services"), text).toString();
    }

    private static long packets(String run, String verdict) {
        return JsonParser.parseString(SteeredRun.ctl(run, "stats")).getAsJsonObject().getAsJsonArray("ports").get(0).getAsJsonObject()
                .getAsJsonObject(verdict).get("packets").getAsLong();
    }

    private static void awaitTurns(String run, int turns) throws InterruptedException {
        long enough = packets(run, "tx") + (long) turns * TURN;
        while (packets(run, "tx") < enough) {
            Thread.sleep(100);
        }
    }

    /** A number of the table that the control program prints. */
    private static long printed(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        assertTrue(matcher.find(), pattern + " is not in\n" + text);
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void aServerThatGoesTakesOnlyItsOwnFlowsWithIt() throws Exception {
        Path capture = folder.resolve("sent.pcap");
        String name = folder.resolve("balancer").toString();
        String printed;
        try (SteeredRun run = new SteeredRun(FOLDER.resolve("l4lb.o").toString(), List.of("--program", "l4lb", "--port", PACKETS + capture,
                "--name", name, "--control", FOLDER.resolve("l4lb.mjs").toString(), "--", configuration()))) {
            SteeredRun.ctlSoon(name, "help");
            awaitTurns(name, 2);
            for (int service : List.of(REMEMBERED, BY_RING)) {
                SteeredRun.ctl(name, "remove-real", "tcp", "10.0.0.100", String.valueOf(service), "10.0.1." + REMOVED);
            }
            awaitTurns(name, 2);
            for (String lost : List.of("drop", "pass", "aborted")) {
                assertEquals(0, packets(name, lost), lost);
            }
            SteeredRun.ctl(name, "stop");
            printed = run.awaitEnd();
        }
        Map<Flow, List<Integer>> flows = flows(capture);
        assertEquals(TURN, flows.size());
        connectionsStayed(flows);
        onlyItsShareMoved(flows);
        statisticsAreRight(printed, flows);
    }

    private static void connectionsStayed(Map<Flow, List<Integer>> flows) {
        flows.forEach((flow, servers) -> {
            int first = servers.getFirst();
            assertFalse(servers.getLast() == REMOVED, flow + " still goes to the server that is no more");
            if (flow.servicePort() == REMEMBERED && first != REMOVED) {
                assertEquals(List.of(first), servers.stream().distinct().toList(), flow.toString());
            }
        });
    }

    /** Of each service 250 flows in 2000 are ideal, and what the ring moves of other servers' flows is the price of Maglev: some hundredths. */
    private static void onlyItsShareMoved(Map<Flow, List<Integer>> flows) {
        for (int service : List.of(REMEMBERED, BY_RING)) {
            Map<Boolean, Long> moved = of(service, flows)
                    .filter(flow -> !flow.getValue().getFirst().equals(flow.getValue().getLast()))
                    .collect(Collectors.partitioningBy(flow -> flow.getValue().getFirst() == REMOVED, Collectors.counting()));
            double ideal = (double) FLOWS / SERVERS;
            assertEquals(ideal, moved.get(true), ideal / 4, "flows of the server that went, at port " + service);
            long tolerated = service == REMEMBERED ? 0 : FLOWS / 20;
            assertTrue(moved.get(false) <= tolerated, moved.get(false) + " flows of other servers moved at port " + service);
        }
    }

    private static Stream<Map.Entry<Flow, List<Integer>>> of(int service, Map<Flow, List<Integer>> flows) {
        return flows.entrySet().stream().filter(flow -> flow.getKey().servicePort() == service);
    }

    private static void statisticsAreRight(String printed, Map<Flow, List<Integer>> flows) {
        Map<Integer, Long> byServer = flows.values().stream().flatMap(List::stream)
                .collect(Collectors.groupingBy(server -> server, TreeMap::new, Collectors.counting()));
        byServer.forEach((server, packets) -> {
            if (server != REMOVED) {
                assertEquals(packets, printed(printed, "^  10\\.0\\.1\\." + server + " ipip +1 +[\\d.]+ % +(\\d+) "), printed);
            }
        });
        long remembered = 0;
        for (int service : List.of(REMEMBERED, BY_RING)) {
            long packets = of(service, flows).mapToLong(flow -> flow.getValue().size()).sum();
            assertEquals(packets, printed(printed, "^tcp 10\\.0\\.0\\.100 " + service + " (?:no-table)? *(\\d+) "), printed);
            remembered = service == REMEMBERED ? packets : remembered;
        }
        long misses = printed(printed, "^connections asked for +(\\d+)");
        assertEquals(remembered, misses + printed(printed, "^connections known +(\\d+)"));
        long orphans = of(REMEMBERED, flows).filter(flow -> flow.getValue().getFirst() == REMOVED).count();
        assertEquals(FLOWS + orphans, misses, "each connection is asked for once, and again if its server went");
    }
}
