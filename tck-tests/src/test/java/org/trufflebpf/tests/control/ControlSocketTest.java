package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of a running instance, good and bad ones. */
@Timeout(120)
class ControlSocketTest {
    private static final String CONTROL = """
            ebpf.command('sum', 'adds its words', (...words) => words.map(Number).reduce((a, b) => a + b, 0));
            ebpf.command('fail', 'throws', () => { throw new Error('on purpose'); });
            ebpf.command('entries', 'as objects', () => [...ebpf.maps.packet_size].map(([length, packets]) => ({length, packets: packets > 0})));
            ebpf.command('nothing', 'prints nothing', () => {});
            """;

    @TempDir
    private Path folder;

    private String name() {
        return "test-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    }

    @Test
    void mapsNumbersAndCommands() throws Exception {
        String name = name();
        try (SteeredRun run = SteeredRun.of(folder, CONTROL, "--name", name)) {
            String help = SteeredRun.ctlSoon(name, "help");
            assertTrue(help.contains("map lookup") && help.contains("adds its words"), help);
            assertTrue(SteeredRun.ctl(name, "map", "list")
                    .startsWith("packet_size              HASH             key 4B  value 8B  max_entries 8192"));
            SteeredRun.ctl(name, "map", "update", "packet_size", "77", "5");
            assertEquals("5\n", SteeredRun.ctl(name, "map", "lookup", "packet_size", "77"));
            assertTrue(SteeredRun.ctl(name, "map", "dump", "packet_size").contains("{\"key\": 77, \"value\": 5}"));
            SteeredRun.ctl(name, "map", "delete", "packet_size", "77");
            assertEquals("1 map packet_size: no such key", SteeredRun.ctlError(name, "map", "lookup", "packet_size", "77"));
            assertEquals("1 map packet_size: no such key", SteeredRun.ctlError(name, "map", "delete", "packet_size", "77"));
            assertTrue(SteeredRun.ctlError(name, "map", "update", "packet_size", "{}", "1")
                    .startsWith("1 map packet_size: key: takes a whole number"));
            assertEquals("2 the object has no map sizes; see map list", SteeredRun.ctlError(name, "map", "dump", "sizes"));
            assertEquals("2 map lookup takes 2 more words; see help", SteeredRun.ctlError(name, "map", "lookup", "packet_size"));
            assertEquals("2 unknown command bogus; see help", SteeredRun.ctlError(name, "bogus"));
            assertEquals("42\n", SteeredRun.ctl(name, "sum", "40", "2"));
            assertEquals("[{\"length\":60,\"packets\":true}]\n", SteeredRun.ctl(name, "entries"));
            assertEquals("", SteeredRun.ctl(name, "nothing"));
            assertEquals("1 fail: control.js:2: Error: on purpose", SteeredRun.ctlError(name, "fail"));
            assertTrue(SteeredRun.ctl(name, "stats").contains("\"program\":\"xdp_maps\""));
            SteeredRun.ctl(name, "stop");
            run.awaitEnd();
        }
        assertTrue(SteeredRun.ctlError(name, "help").startsWith("1 ctl: no run " + name));
    }

    @Test
    void namesAreTakenOnceAndMayBePaths() throws Exception {
        String path = folder.resolve("here.sock").toString();
        try (SteeredRun run = SteeredRun.of(folder, "", "--name", path)) {
            SteeredRun.ctlSoon(path, "stats");
            assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(Path.of(path)));
            try (SteeredRun second = SteeredRun.of(folder, "", "--name", path)) {
                String message = assertThrows(PolyglotException.class, second::awaitEnd).getMessage();
                assertTrue(message.contains("a run of that name is there already"), message);
            }
            SteeredRun.ctl(path, "stop");
            run.awaitEnd();
        }
        assertFalse(Files.exists(Path.of(path)));
        try (SteeredRun run = SteeredRun.of(folder, "", "--name", "a b")) {
            assertTrue(assertThrows(PolyglotException.class, run::awaitEnd).getMessage().startsWith("--name a b: a name is"));
        }
    }

    @Test
    void socketsOfKilledProcessesAreReplaced() throws Exception {
        Path path = folder.resolve("left.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path)).close();
        assertTrue(Files.exists(path));
        try (SteeredRun run = SteeredRun.of(folder, "", "--name", path.toString(), "--count", "1")) {
            run.awaitEnd();
        }
    }

    @Test
    void hostileClientsAreHarmless() throws Exception {
        Path path = folder.resolve("hostile.sock");
        try (SteeredRun run = SteeredRun.of(folder, CONTROL, "--name", path.toString())) {
            SteeredRun.ctlSoon(path.toString(), "stats");
            Random random = new Random(1);
            for (int i = 0; i < 200; i++) {
                byte[] request = hostile(random, i);
                try (SocketChannel client = connect(path)) {
                    client.write(ByteBuffer.wrap(request));
                    if (i % 3 == 0) {
                        client.shutdownOutput();
                        client.read(ByteBuffer.allocate(100));
                    }
                } catch (IOException e) {
                    // Hung up on, as it deserves.
                }
            }
            // Silent ones take all places until their time is over; then others are served again.
            List<SocketChannel> silent = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                silent.add(connect(path));
            }
            String answer = "";
            for (int attempt = 0; attempt < 100 && !answer.equals("3\n"); attempt++) {
                Thread.sleep(100);
                try {
                    answer = SteeredRun.ctl(path.toString(), "sum", "1", "2");
                } catch (PolyglotException e) {
                    assertTrue(e.getMessage().contains("too many clients") || e.getMessage().contains("has ended")
                            || e.getMessage().contains("no run")
                            || e.getMessage().contains("reset") || e.getMessage().contains("pipe"), e.getMessage());
                }
            }
            assertEquals("3\n", answer);
            for (SocketChannel each : silent) {
                each.close();
            }
            SteeredRun.ctl(path.toString(), "stop");
            run.awaitEnd();
        }
    }

    private static SocketChannel connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    private static byte[] hostile(Random random, int i) {
        byte[] noise = new byte[random.nextInt(2000)];
        random.nextBytes(noise);
        return switch (i % 6) {
            case 0 -> noise;
            case 1 -> ("[" + "[".repeat(20_000) + "\n").getBytes(StandardCharsets.UTF_8);
            case 2 -> "{\"map\": 1}\n".getBytes(StandardCharsets.UTF_8);
            case 3 -> "[\"map\", \"dump\", [1]]\n".getBytes(StandardCharsets.UTF_8);
            case 4 -> ("[\"map\", \"update\", \"packet_size\", \"" + "9".repeat(5000) + "\", \"[" + "[".repeat(3000) + "\"]\n")
                    .getBytes(StandardCharsets.UTF_8);
            default -> "[\"map\", \"dump\", \"packet_size\"]\n".repeat(random.nextInt(50)).getBytes(StandardCharsets.UTF_8);
        };
    }
}
