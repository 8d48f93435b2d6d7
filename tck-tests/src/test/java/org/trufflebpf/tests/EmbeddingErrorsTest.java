package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.PolyglotException.StackFrame;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each error that an embedder can meet, in a message for people and in members for programs. */
class EmbeddingErrorsTest {
    private static final HostAccess DATA = HostAccess.newBuilder(HostAccess.NONE).allowArrayAccess(true).allowListAccess(true).allowMapAccess(true)
            .build();

    /** Loads as many bytes from the second of two values on as the packet is long. */
    private static final String BESIDE_A_MAP = """
            .map counters array 4 8 2
            main: r7 = *(u32 *)(r1 + 4)
            r1 = *(u32 *)(r1 + 0)
            r7 -= r1
            *(u32 *)(r10 - 4) = 1
            r1 = counters ll
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            r0 += r7
            r0 = *(u64 *)(r0 + 0)
            out:
            exit
            """;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Context context = Context.newBuilder("ebpf").allowHostAccess(DATA).option("ebpf.MaxLoopIterations", "1000").out(output).err(output)
            .build();

    @AfterEach
    void nothingIsPrinted() {
        context.close();
        assertEquals("", output.toString());
    }

    private Value load(Path file) throws IOException {
        return context.eval(Project.source(file));
    }

    private static Value member(Value object, String kind, String name) {
        return object.getMember(kind).getMember(name);
    }

    /** A guest error with exactly these members; their values are texts here. */
    private static PolyglotException thrown(Map<String, String> members, Executable body) {
        PolyglotException e = assertThrows(PolyglotException.class, body);
        assertTrue(e.isGuestException() && !e.isInternalError() && !e.isHostException() && !e.isExit() && !e.isCancelled(), e::toString);
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        Value error = e.getGuestObject();
        assertTrue(error.isException());
        assertEquals(members.keySet(), error.getMemberKeys());
        members.forEach((name, value) -> assertEquals(value, error.getMember(name).toString(), name));
        return e;
    }

    @Test
    void trapsSayWhereInTheCSource() throws IOException {
        Value program = member(load(Project.TEST_PROGRAMS.resolve("verify/unchecked.o")), "programs", "without_bounds");
        byte[] packet = new byte[14];
        packet[12] = 8;
        for (int repeat = 0; repeat < 2; repeat++) {
            PolyglotException e =
                    thrown(Map.ofEntries(Map.entry("failure", "trap"), Map.entry("kind", "access"), Map.entry("reason", "loads outside the packet"),
                    Map.entry("program", "without_bounds"), Map.entry("instruction", "11"), Map.entry("file", "./verify/unchecked.c"),
                    Map.entry("line", "29"),
                    Map.entry("registers", "r1=packet+0 of 14"), Map.entry("size", "1"), Map.entry("address", "packet+23 of 14"),
                    Map.entry("region", "packet"), Map.entry("offset", "23")), () -> program.execute((Object) packet));
            assertFalse(e.isSyntaxError());
            assertTrue(e.getMessage().startsWith("program 'without_bounds', instruction 11 (./verify/unchecked.c:29 `"), e.getMessage());
            assertEquals(29, e.getSourceLocation().getStartLine());
            StackFrame frame = e.getPolyglotStackTrace().iterator().next();
            assertTrue(frame.isGuestFrame());
            assertEquals("without_bounds", frame.getRootName());
            assertEquals("./verify/unchecked.c", frame.getSourceLocation().getSource().getName());
            assertEquals(29, frame.getSourceLocation().getStartLine());
        }
        assertEquals(2, program.execute((Object) new byte[60]).asInt(), "the next packet runs");
    }

    @Test
    void trapsInMapsStackLoopsAndCalls() {
        Value map = evaluate(BESIDE_A_MAP);
        Value error = assertThrows(PolyglotException.class, () -> map.execute((Object) new byte[16])).getGuestObject();
        assertEquals(List.of("map counters", "16", "8", "access"), access(error));
        PolyglotException loop = thrown(Map.of("failure", "trap", "kind", "loop", "reason", "takes more than 1000 loop iterations for one packet",
                "program", "main", "instruction", "1", "file", "Unnamed", "line", "2", "registers", ""),
                () -> evaluate("main: r0 = 1\nagain: goto again\n").execute((Object) new byte[14]));
        assertEquals(2, loop.getSourceLocation().getStartLine());
    }

    private static List<String> access(Value error) {
        return Stream.of("region", "offset", "size", "kind").map(name -> error.getMember(name).toString()).toList();
    }

    /** Packets and maps are neighbours in memory at times: the pointer's own map is named all the same, for the access and for the register. */
    @Test
    void trapsBesideMapsNameTheMapWhereverPacketsLie() {
        for (int i = 0; i < 200; i++) {
            Value program = evaluate(BESIDE_A_MAP);
            Value error = assertThrows(PolyglotException.class, () -> program.execute((Object) new byte[32])).getGuestObject();
            assertEquals(List.of("map counters", "32", "8", "access"), access(error));
            assertEquals("r0=map counters[1]+32 of 8 r7=0x20", error.getMember("registers").asString());
        }
    }

    /** What a trapped packet had become stays visible. */
    @Test
    void aTrapLeavesThePacketAsItIsThen() {
        Value program = evaluate("""
                main: r2 = *(u32 *)(r1 + 0)
                r3 = *(u32 *)(r1 + 4)
                r4 = r2
                r4 += 2
                if r4 > r3 goto out
                r5 = *(u8 *)(r2 + 1)
                *(u8 *)(r2 + 0) = 7
                r2 += r5
                r0 = *(u8 *)(r2 + 0)
                out:
                exit
                """);
        byte[] packet = {1, 100};
        assertThrows(PolyglotException.class, () -> program.execute((Object) packet));
        assertEquals(7, packet[0]);
    }

    private Value evaluate(String text) {
        Value programs = context.eval("ebpf", text).getMember("programs");
        return programs.getMember(programs.getMemberKeys().iterator().next());
    }

    @Test
    void rejectedAndMalformed() {
        PolyglotException rejected = thrown(Map.of("failure", "rejected", "reason", "reads memory through r0, which is the number 1, not a pointer",
                "program", "bad",
                "instruction", "1", "file", "Unnamed", "line", "3"), () -> evaluate(".program bad\nr0 = 1\nr1 = *(u32 *)(r0 + 0)\nexit\n")
                .execute((Object) new byte[14]));
        assertTrue(rejected.isSyntaxError());
        assertEquals(3, rejected.getSourceLocation().getStartLine());
        PolyglotException malformed = assertThrows(PolyglotException.class, () -> context.eval(
                Project.source(new byte[]{0x7f, 'E', 'L', 'F'}, "cut.o")));
        assertTrue(malformed.isSyntaxError() && malformed.isGuestException());
        assertEquals("cut.o", malformed.getSourceLocation().getSource().getName());
        assertEquals("malformed", malformed.getGuestObject().getMember("failure").asString());
        assertTrue(malformed.getMessage().startsWith("cut.o: "), malformed.getMessage());
    }

    @Test
    void mapErrorsNameMapFieldAndErrno() throws IOException {
        Value rules = member(load(Project.program("xdp-firewall")), "maps", "l3_filter");
        PolyglotException wrong = thrown(Map.of("failure", "map", "map", "l3_filter", "field", "key.address", "errno", "22", "error", "EINVAL"),
                () -> rules.putHashEntry(Map.of("address", "10.0.0.3", "protocol", 0x0800), List.of()));
        assertTrue(wrong.getMessage().startsWith("map l3_filter: key: address: takes "), wrong.getMessage());
        Value program = context.eval("ebpf", ".map small hash 4 4 1\n.map list array 4 4 2\nr0 = 1\nexit\n");
        Value small = member(program, "maps", "small");
        small.putHashEntry(1, 1);
        thrown(Map.of("failure", "map", "map", "small", "key", "2", "errno", "7", "error", "E2BIG"), () -> small.putHashEntry(2, 2));
        thrown(Map.of("failure", "map", "map", "small", "field", "value", "errno", "22", "error", "EINVAL"), () -> small.putHashEntry(1, "text"));
        thrown(Map.of("failure", "map", "map", "list", "field", "value", "errno", "22", "error", "EINVAL"),
                () -> member(program, "maps", "list").setArrayElement(0, 1L << 40));
        program.invokeMember("close");
        thrown(Map.of("failure", "map", "map", "small", "errno", "16", "error", "EBUSY"), () -> small.getHashValue(1));
    }

    @Test
    void errorsOfRunsHaveTheExitStatus() throws IOException {
        Value program = member(load(Project.DROP), "programs", "xdp_drop");
        thrown(Map.of("exitStatus", "2"), () -> program.invokeMember("run"));
        thrown(Map.of("exitStatus", "2"), () -> program.invokeMember("run", "--port", "nonsense:x"));
        thrown(Map.of("exitStatus", "74"), () -> program.invokeMember("run", "--port", "pcap:missing.pcap"));
        thrown(Map.of("exitStatus", "1"), () -> program.invokeMember("run", "--port", "xsk:lo"));
        Value object = load(Project.DROP);
        thrown(Map.of("exitStatus", "1"), () -> object.invokeMember("snapshot", "file.json"));
        thrown(Map.of("exitStatus", "74"), () -> object.invokeMember("restore", "file.json"));
        object.invokeMember("close");
        Value closed = member(object, "programs", "xdp_drop");
        PolyglotException e = thrown(Map.of("failure", "usage", "reason", "program 'xdp_drop' is closed"),
                () -> closed.execute((Object) new byte[14]));
        assertEquals("program 'xdp_drop' is closed", e.getMessage());
        assertEquals(Set.of("programs", "maps", "btf", "snapshot", "restore", "close"), object.getMemberKeys());
    }
}
