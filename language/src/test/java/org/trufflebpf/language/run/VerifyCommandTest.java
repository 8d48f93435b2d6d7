package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.GraphBuilder;
import org.trufflebpf.language.object.ObjectSpec;

/** The programs of the folder {@code verify} say in comments what is to be said of them. */
class VerifyCommandTest {
    private static final String SAYS = "# says: ";
    private static final String CODE = "# code: ";

    private record Answer(int code, String text) {
    }

    static Stream<Path> programs() throws IOException, URISyntaxException {
        return Files.list(Path.of(VerifyCommandTest.class.getResource("/verify").toURI())).sorted();
    }

    private static <T> T inContext(String verify, Function<Machine, T> body) {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("ebpf.Verify", verify).build()) {
            context.initialize("ebpf");
            context.enter();
            try {
                return body.apply(EbpfContext.machine());
            } finally {
                context.leave();
            }
        }
    }

    private static Answer verify(ObjectSpec object, String verify, String... arguments) {
        return inContext(verify, machine -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int code = new VerifyCommand(machine).run("test.o", object, VerifyCommand.Arguments.parse(arguments),
                    new PrintStream(bytes, true, StandardCharsets.UTF_8));
            return new Answer(code, bytes.toString(StandardCharsets.UTF_8));
        });
    }

    private static ObjectSpec assemble(Path file) throws IOException, AssemblyException {
        return Assembler.assemble(file.getFileName().toString(), Files.readString(file));
    }

    private static String mode(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.contains("# strict") ? "strict" : lines.contains("# off") ? "off" : "graduated";
    }

    @ParameterizedTest
    @MethodSource("programs")
    void saysWhatTheFileExpects(Path file) throws IOException, AssemblyException {
        Answer answer = verify(assemble(file), mode(file));
        int at = 0;
        int expectations = 0;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(CODE)) {
                assertEquals(Integer.parseInt(line.substring(CODE.length())), answer.code, answer.text);
                expectations++;
            } else if (line.startsWith(SAYS)) {
                int found = answer.text.indexOf(line.substring(SAYS.length()), at);
                assertTrue(found >= 0, () -> "'" + line.substring(SAYS.length()) + "' is not said, or not in this order:\n" + answer.text);
                at = found + line.length() - SAYS.length();
                expectations++;
            }
        }
        assertTrue(expectations >= 2, "the file expects nothing");
    }

    /** Each packet that is printed, given to the program alone and with its usual checks, is stopped. */
    @ParameterizedTest
    @MethodSource("programs")
    void packetsReallyFail(Path file) throws IOException, AssemblyException {
        ObjectSpec object = assemble(file);
        List<byte[]> packets = new ArrayList<>();
        for (JsonElement item : program(object, "graduated").getAsJsonArray("items")) {
            if (item.getAsJsonObject().has("packet")) {
                packets.add(HexFormat.of().parseHex(item.getAsJsonObject().get("packet").getAsString()));
            }
        }
        if (file.endsWith("all_proved.s")) {
            assertTrue(packets.isEmpty());
        }
        // What is rejected runs only where nothing is proved.
        boolean rejected = program(object, "graduated").get("verdict").getAsString().equals("rejected");
        inContext(rejected ? "off" : "graduated", machine -> {
            for (byte[] packet : packets) {
                try (LoadedObject loaded = machine.load(object, Surroundings.FIXED)) {
                    RunnableProgram program = loaded.program("main");
                    try (SinglePackets single = new SinglePackets(program.newProcessor(0))) {
                        single.run(packet);
                    }
                    assertEquals(1, program.traps(), () -> HexFormat.of().formatHex(packet));
                }
            }
            return null;
        });
    }

    private static JsonObject program(ObjectSpec object, String verify) {
        JsonObject document = JsonParser.parseString(verify(object, verify, "--json").text).getAsJsonObject();
        assertEquals(verify, document.get("verify").getAsString());
        return document.getAsJsonArray("programs").get(0).getAsJsonObject();
    }

    /** The members that docs/verify.md names, and no others. */
    @ParameterizedTest
    @MethodSource("programs")
    void jsonHasTheDocumentedMembers(Path file) throws IOException, AssemblyException {
        JsonObject program = program(assemble(file), mode(file));
        assertEquals(Set.of("program", "section", "verdict", "proved", "checked", "allowed", "rejected", "items"), program.keySet());
        int sum = 0;
        for (String status : List.of("proved", "checked", "allowed", "rejected")) {
            sum += program.get(status).getAsInt();
        }
        assertEquals(program.getAsJsonArray("items").size(), sum);
        for (JsonElement element : program.getAsJsonArray("items")) {
            JsonObject item = element.getAsJsonObject();
            Set<String> rest = new HashSet<>(item.keySet());
            assertTrue(rest.containsAll(Set.of("status", "instruction", "need", "text")), item.toString());
            rest.removeAll(Set.of("status", "instruction", "code", "file", "line", "source", "need", "text", "access", "register", "advice",
                    "packet"));
            assertTrue(rest.isEmpty(), rest.toString());
            if (item.has("access")) {
                assertEquals(Set.of("regions", "min", "max", "size"), item.getAsJsonObject("access").keySet());
            }
            if (item.has("register")) {
                assertEquals(Set.of("name", "known", "from"), item.getAsJsonObject("register").keySet());
            }
        }
    }

    @Test
    void sameAnswerEachTime() throws IOException, AssemblyException, URISyntaxException {
        Path file = Path.of(VerifyCommandTest.class.getResource("/verify/behind_comparisons.s").toURI());
        assertEquals(verify(assemble(file), "graduated"), verify(assemble(file), "graduated"));
    }

    @Test
    void logHasEachInstruction() throws AssemblyException {
        ObjectSpec object = Assembler.assemble("log.s", "main: r2 = *(u32 *)(r1 + 0)\n    r0 = 7\n    exit\n");
        String text = verify(object, "graduated", "--log").text;
        assertTrue(text.contains("r2 = *(u32 *)(r1 + 0x0)"), text);
        assertTrue(text.contains("; packet of at least 0 bytes; r1: the context; r2: a packet pointer"), text);
        assertTrue(text.contains("proved: log.s:1"), text);
    }

    /** Long programs in which nothing is proved, and loops that never end, are answered in bounded time. */
    @Test
    void hostileProgramsEnd() throws AssemblyException {
        StringBuilder text = new StringBuilder("main: r2 = *(u32 *)(r1 + 0)\n    r5 = 0\n");
        for (int i = 0; i < 1000; i++) {
            text.append("    r3 = *(u8 *)(r2 + ").append(i).append(")\n    if r3 == ").append(i % 251).append(" goto L").append(i)
                    .append("\n    r5 += r3\nL")
                    .append(i).append(": r2 += r5\n");
        }
        ObjectSpec many = Assembler.assemble("many.s", text + "again: goto again\n");
        assertTimeout(Duration.ofSeconds(60), () -> {
            Answer answer = verify(many, "graduated");
            assertTrue(answer.text.contains("more places: --log and --json have them all"), answer.text);
            assertTrue(answer.text.lines().count() < 300, answer.text);
        });
    }

    @Test
    void saysThatAProgramIsTooLarge() throws AssemblyException {
        Answer answer = verify(Assembler.assemble("large.s", "main: r0 = 0\n" + "    r0 = 0\n".repeat(GraphBuilder.MAX_STEPS) + "    exit\n"),
                "graduated");
        assertEquals(1, answer.code);
        assertEquals("program 'main' (section xdp): rejected\n  rejected: large.s:1 `main: r0 = 0`, instruction 0\n"
                + "        is too large: with its calls unfolded it has more than " + GraphBuilder.MAX_STEPS + " instructions\n", answer.text);
    }

    @Test
    void namesCannotSteerTheTerminal() throws AssemblyException {
        String text = verify(Assembler.assemble("a\u001b[2J.s", "main: r2 = *(u32 *)(r1 + 0)\n    r0 = *(u8 *)(r2 + 0)\n    exit\n"), "graduated")
                .text;
        assertFalse(text.contains("\u001b"), text);
    }
}
