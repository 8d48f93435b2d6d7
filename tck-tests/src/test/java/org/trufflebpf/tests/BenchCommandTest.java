package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code ebpf bench}; how fast programs are is the bench module's to test. */
class BenchCommandTest {
    @TempDir
    private Path folder;

    @Test
    void programsWithRulesAreMeasuredAndDrawn() throws IOException {
        Path json = folder.resolve("results.json");
        Command.Result result = Command.ebpf("bench", "--all", "--quick", "xdp_fw", "tx_ip_tunnel", "xdp-observer", "--json", json.toString(),
                "--plot",
                folder.resolve("plots").toString());
        assertEquals(0, result.exitCode(), result.errors());
        assertTrue(result.output().contains("kern/our"), result.output());
        JsonArray rows = JsonParser.parseString(Files.readString(json)).getAsJsonArray();
        assertEquals(List.of("xdp_fw", "tx_ip_tunnel", "xdp-observer"),
                rows.asList().stream().map(row -> row.getAsJsonObject().get("program").getAsString())
                .toList());
        for (var row : rows) {
            JsonObject program = row.getAsJsonObject();
            assertTrue(program.get("ours_ns").getAsDouble() > 0, program.toString());
            assertTrue(program.get("ours_ns").getAsDouble() <= program.get("ours_median_ns").getAsDouble(), program.toString());
            assertTrue(program.get("code_bytes").getAsInt() > 0, program.toString());
            assertTrue(program.get("instructions").getAsInt() > 50 && program.get("compile_ms").getAsDouble() > 0, program.toString());
            assertEquals(1, program.get("packets").getAsInt());
            assertTrue(program.get("packet").getAsString().length() >= 2 * 60, program.toString());
            for (String contestant : List.of("ours", "kernel", "native")) {
                if (program.get(contestant + "_ns").isJsonNull()) {
                    // Not root, or no clang.
                    assertTrue(result.output().contains("not measured: " + contestant), result.output());
                } else {
                    double least = program.get(contestant + "_ns").getAsDouble();
                    double median = program.get(contestant + "_median_ns").getAsDouble();
                    assertTrue(least <= median && median <= program.get(contestant + "_p99_ns").getAsDouble(), program.toString());
                }
            }
            assertEquals(program.get("kernel_ns").isJsonNull(), program.get("kernel_floor_ns").isJsonNull());
            if (!program.get("native_ns").isJsonNull()) {
                assertEquals(program.get("ours_ns").getAsDouble() / program.get("native_ns").getAsDouble(),
                        program.get("ours_to_native").getAsDouble(), 0.01);
            }
        }
        for (String picture : List.of("side-by-side", "warm-up")) {
            assertEquals(0x89504e47, java.nio.ByteBuffer.wrap(Files.readAllBytes(folder.resolve("plots").resolve(picture + ".png"))).getInt());
            assertTrue(Files.readString(folder.resolve("plots").resolve(picture + ".svg")).contains("<svg"), picture);
        }
        try (var left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void programsAreMeasuredOverPorts() throws IOException {
        Path json = folder.resolve("results.json");
        Command.Result result = Command.ebpf("bench", "--all", "--quick", "--ports", "xdp_tx", "xdp_fw", "--json", json.toString(), "--plot",
                folder.toString());
        assertEquals(0, result.exitCode(), result.errors());
        assumeFalse(result.output().contains("namespaces need root"), "carrying packets needs root");
        for (String picture : List.of("ports", "ports-time")) {
            assertTrue(Files.readString(folder.resolve(picture + ".svg")).contains("<svg"), picture);
        }
        JsonArray rows = JsonParser.parseString(Files.readString(json)).getAsJsonArray();
        boolean dpdk = !result.output().contains("install DPDK");
        boolean testpmd = dpdk && !result.output().contains("no dpdk-testpmd");
        assertEquals(2, rows.size());
        for (var row : rows) {
            assertFalse(row.getAsJsonObject().getAsJsonArray("ports").isEmpty(), row.toString());
            boolean redirects = row.getAsJsonObject().get("program").getAsString().equals("xdp_fw");
            for (var port : row.getAsJsonObject().getAsJsonArray("ports")) {
                JsonObject carried = port.getAsJsonObject();
                boolean measured = switch (carried.get("carrier").getAsString()) {
                    case "kernel, veth" -> !redirects;
                    case "DPDK, net_null", "DPDK, net_ring" -> dpdk;
                    case "testpmd, net_null", "testpmd, net_ring" -> testpmd && !redirects;
                    default -> true;
                };
                if (!measured) {
                    assertTrue(carried.get("packets_per_second").isJsonNull(), carried.toString());
                    continue;
                }
                assertTrue(carried.get("packets_per_second").getAsDouble() > 1000, carried.toString());
                if (!carried.get("carrier").getAsString().startsWith("testpmd")) {
                    assertTrue(carried.get("program_ns").getAsDouble() > 0, carried.toString());
                    assertTrue(carried.get("io_ns").getAsDouble() > 0, carried.toString());
                }
            }
        }
    }

    @Test
    void anObjectIsMeasuredWithItsMapsFilledByAControlProgram() throws IOException {
        Path rules = Files.writeString(folder.resolve("rules.txt"), "permit 10.0.0.0/8\n");
        Command.Result result = Command.ebpf("bench", "xdp_progs/xdp-acl/xdp-acl.o", "--quick", "--packet", "eth / ipv4 src=10.0.0.7 / tcp",
                "--control",
                "xdp_progs/xdp-acl/xdp-acl.mjs", "--", rules.toString());
        assertEquals(0, result.exitCode(), result.errors());
        assertTrue(result.output().lines().anyMatch(line -> line.startsWith("xdp_acl ")), result.output());
    }

    /** The 64 packets of a generator are 64 different ones, those of a capture the ones in it. */
    @Test
    void anObjectIsMeasuredWithTheUsersPacketsAndMaps() throws IOException {
        Path maps = folder.resolve("maps.json");
        Files.writeString(maps, "[{\"map\": \"l3_filter\", \"entries\": []}]");
        Path json = folder.resolve("results.json");
        Command.Result result = Command.ebpf("bench", "xdp_progs/xdp-firewall/xdp-firewall.o", "--quick", "--port",
                "gen:eth / ipv4 src=10.0.0.0/8 / udp sport=1-60000",
                "--map-init", maps.toString(), "--json", json.toString());
        assertEquals(0, result.exitCode(), result.errors());
        assertEquals(64, JsonParser.parseString(Files.readString(json)).getAsJsonArray().get(0).getAsJsonObject().get("packets").getAsInt());
        result = Command.ebpf("bench", Project.DROP.toString(), "--quick", "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--json", json.toString());
        assertEquals(0, result.exitCode(), result.errors());
        JsonObject row = JsonParser.parseString(Files.readString(json)).getAsJsonArray().get(0).getAsJsonObject();
        assertTrue(row.get("packets").getAsInt() > 1 && row.get("ours_ns").getAsDouble() > 0, row.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bench|2|nothing to measure",
        "bench --all xdp_dorp|2|--all knows no program xdp_dorp",
        "bench --all --packet eth|2|--packet is for an object",
        "bench a.o b.o|2|one object file at a time",
        "bench --nonsense|2|unknown option --nonsense",
        "bench missing.o|74|missing.o: cannot be read: no such file",
        "bench xdp_progs/xdping/xdping.o|2|choose one with --program: xdping_server, xdping_client",
        "bench xdp_progs/xdp_tx/xdp_tx.o --program none|2|the object has no such program",
        "bench xdp_progs/xdp_tx/xdp_tx.o --packet eth/|2|--packet: 1:",
        "bench xdp_progs/xdp_tx/xdp_tx.o --port tap:x|2|packets come from pcap:FILE or gen:PACKET here",
        "bench xdp_progs/xdp_tx/xdp_tx.o --port pcap:none.pcap|74|none.pcap: cannot be read: no such file",
        "bench xdp_progs/xdp_tx/xdp_tx.o --port pcap:a.pcap,out=b.pcap|2|leave out= away",
        "bench xdp_progs/xdp_tx/xdp_tx.o --port gen:eth --packet eth|2|--packet and --port: choose one",
        "bench xdp_progs/xdp_tx/xdp_tx.o --json /nowhere/x.json|1|/nowhere/x.json: cannot be written",
        "bench xdp_progs/xdp_tx/xdp_tx.o --map-init missing.json|74|missing.json: cannot be read",
        "bench bin/ebpf|1|"})
    void whatIsWrongIsSaidInOneLine(String command, int exitCode, String message) {
        Command.Result result = Command.ebpf(List.of(command.split(" ")));
        assertEquals(exitCode, result.exitCode(), result.errors());
        assertEquals(1, result.errors().lines().count(), result.errors());
        assertTrue(result.errors().startsWith("ebpf: "), result.errors());
        assertTrue(message == null || result.errors().contains(message), result.errors());
    }
}
