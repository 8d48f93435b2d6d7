package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ebpf run --save-traps}, and what replay makes of it. */
class SaveTrapsTest {
    private static final String UNCHECKED = Project.TEST_PROGRAMS.resolve("verify/unchecked.o").toString();

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final Context context = Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(messages).build();
    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        context.close();
    }

    private String command(String member, Object... arguments) {
        context.getBindings("ebpf").getMember(member).execute(arguments);
        return output.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aHostilePacketIsReplayed() throws IOException {
        Path traps = folder.resolve("new/traps");
        // The one of 14 bytes says that it is IPv4, and is not.
        command("run", UNCHECKED, "--program", "without_bounds", "--stats", "none", "--allow-interpreter", "--port",
                "gen:eth / ipv4 / udp,ifindex=3,count=5",
                "--port", "gen:hex 0200000000010200000000020800,ifindex=7,count=2", "--save-traps", traps.toString());
        Path saved = traps.resolve("without_bounds-11.json");
        assertTrue(messages.toString().contains("saved the packet: ebpf replay OBJECT --trap " + saved + " shows it"), messages.toString());
        assertEquals(1, messages.toString().split("saved the packet", -1).length - 1, "the first is enough");
        assertEquals(List.of("0200000000010200000000020800"), Project.packets(traps.resolve("without_bounds-11.pcap")));
        assertTrue(Files.readString(saved).contains("\"ifindex\": 7,"), Files.readString(saved));
        String shown = command("replay", UNCHECKED, "--trap", saved.toString());
        assertTrue(shown.contains("verdict ABORTED, trapped at instruction 11 (./verify/unchecked.c:29 `return ip->protocol == 17"), shown);
    }

    /** The program looks for an entry of its interface, which only the map knows, and then beyond it. */
    @Test
    void mapsAndInterfaceComeWithIt() throws IOException {
        Path maps = Files.writeString(folder.resolve("init.json"), """
                [{"map": "counts", "entries": [{"key": 9, "value": {"by_class": [1, 2, 3, 4]}}]}]
                """);
        command("run", UNCHECKED, "--program", "without_null_test", "--stats", "none", "--allow-interpreter", "--map-init", maps.toString(),
                "--port", "gen:eth / ipv4 / udp,ifindex=9,count=5", "--port", "gen:eth / ipv4 / udp,ifindex=8,count=1", "--save-traps",
                folder.toString());
        String name = saved();
        String held = Files.readString(folder.resolve(name + ".maps.json"));
        assertTrue(held.matches("(?s).*\"key\": 9, \"value\": \\{\"by_class\": \\[[1-6], 2, 3, 4].*"), held);
        String shown = command("replay", UNCHECKED, "--trap", folder.resolve(name + ".json").toString());
        assertTrue(shown.contains("./verify/unchecked.c:38 `found->by_class[0]++;`"), shown);
        assertTrue(shown.contains("r10-4: 08000000\n"), shown);
        assertTrue(shown.contains(" verdict ABORTED, trapped at instruction "), shown);
    }

    private String saved() throws IOException {
        List<Path> all = Project.files(folder, ".maps.json");
        assertEquals(1, all.size(), all.toString());
        return all.getFirst().getFileName().toString().replace(".maps.json", "");
    }

    /** The program writes to the packet before it traps. */
    @Test
    void packetsAreSavedAsTheyCame() throws IOException {
        context.eval("ebpf", """
                .program writes
                r2 = *(u32 *)(r1 + 0)
                r3 = *(u32 *)(r1 + 4)
                r4 = r2
                r4 += 2
                if r4 > r3 goto out
                *(u8 *)(r2 + 0) = 255
                r0 = *(u8 *)(r2 + 60)
                out:
                exit
                """).getMember("programs").getMember("writes").invokeMember("run", "--port", "gen:hex 00112233445566778899,count=1", "--save-traps", folder.toString());
        assertEquals(List.of("00112233445566778899"), Project.packets(folder.resolve(saved() + ".pcap")));
    }

    /** A trap in each of 30 places, by the last byte of the address. */
    @Test
    void filesAreBounded() throws IOException {
        StringBuilder text = new StringBuilder(".program many\nr2 = *(u32 *)(r1 + 0)\nr5 = *(u8 *)(r2 + 29)\n");
        for (int i = 1; i <= 30; i++) {
            text.append("if r5 != ").append(i).append(" goto l").append(i).append("\nr0 = *(u8 *)(r2 + 1500)\nl").append(i).append(":\n");
        }
        context.eval("ebpf", text.append("r0 = 1\nexit\n").toString()).getMember("programs").getMember("many").invokeMember("run",
                "--port", "gen:eth / ipv4 src=10.0.0.1-10.0.0.30 / udp,order=turn,count=90", "--save-traps", folder.toString());
        assertEquals(20, Project.files(folder, ".pcap").size());
        assertEquals(20, Project.files(folder, ".maps.json").size());
    }

    private static PolyglotException failure(int status, Runnable body) {
        PolyglotException e = assertThrows(PolyglotException.class, body::run);
        assertTrue(e.isGuestException(), e::toString);
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        assertEquals(status, e.getGuestObject().getMember("exitStatus").asInt());
        return e;
    }

    @Test
    void aFolderThatCannotBe() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        PolyglotException e = failure(1, () -> command("run", UNCHECKED, "--program", "without_bounds", "--port", "gen:eth,count=1", "--save-traps",
                file.toString()));
        assertEquals(file + ": cannot be written: is no folder", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            []
            {
            {"program": "x"}
            No JSON at all.
            {"trap": "", "program": "x", "ifindex": 1, "queue": 0, "cpu": 0, "seed": 0, "time": 0, "metadata": "", "packet": "../x.pcap", "maps": "x"}
            {"trap": "", "program": "x", "ifindex": 1, "queue": 0, "cpu": 99, "seed": 0, "time": 0, "metadata": "", "packet": "x.pcap", "maps": "x"}
            {"trap": "", "program": "x", "ifindex": 1, "queue": 0, "cpu": 0, "seed": 0, "time": 0, "metadata": "0", "packet": "x.pcap", "maps": "x"}
            {"trap": [[]], "program": {}, "ifindex": 1, "queue": 0, "cpu": 0, "seed": 0, "time": 0, "metadata": "", "packet": "x.pcap", "maps": "x"}
            """)
    void wrongFilesAreOneLine(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.json"), json);
        PolyglotException e = failure(1, () -> command("replay", UNCHECKED, "--trap", file.toString()));
        assertTrue(e.getMessage().startsWith(file + ": was not written by --save-traps: "), e.getMessage());
        assertFalse(e.getMessage().contains("Exception") || e.getMessage().contains("JsonReader"), e.getMessage());
    }

    @Test
    void trapSaysItAll() {
        assertEquals("--capture does not go with --trap, which says all of that",
                failure(2, () -> command("replay", UNCHECKED, "--trap", "x.json", "--capture", "y.pcap")).getMessage());
        failure(74, () -> command("replay", UNCHECKED, "--trap", "missing.json"));
    }
}
