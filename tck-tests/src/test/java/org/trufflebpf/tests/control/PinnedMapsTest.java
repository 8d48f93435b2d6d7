package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.trufflebpf.tests.Project;

/** Objects of one context share the maps that they pin by the same name. */
class PinnedMapsTest {
    private static final byte[] PACKET = new byte[60];
    private static final int DROP = 1;
    private static final int PASS = 2;
    private static final int TX = 3;
    private static final HostAccess ACCESS = HostAccess.newBuilder(HostAccess.NONE).allowArrayAccess(true).allowMapAccess(true).build();

    private final Engine engine = Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
    private final Context context = newContext();

    private Context newContext() {
        return Context.newBuilder("ebpf").engine(engine).allowHostAccess(ACCESS).build();
    }

    @AfterEach
    void close() {
        engine.close(true);
    }

    private static int run(Value object, String program) {
        return object.getMember("programs").getMember(program).execute((Object) PACKET).asInt();
    }

    private static Value map(Value object, String name) {
        return object.getMember("maps").getMember(name);
    }

    private static long packets(Value object) {
        return map(object, "counts").getHashValue(0).getMember("packets").asLong();
    }

    @Test
    void oneCountsAndTheOtherReads() throws IOException {
        Value counts = Objects.evaluate(context, "counts");
        Value limits = Objects.evaluate(context, "limits");
        for (int packet = 1; packet <= 4; packet++) {
            assertEquals(PASS, run(counts, "count"));
            assertEquals(packet >= 3 ? DROP : PASS, run(limits, "limit"));
            assertEquals(packet, packets(limits));
        }
        map(limits, "counts").removeHashEntry(0);
        assertEquals(PASS, run(limits, "limit"));
        assertEquals(0, map(counts, "counts").getHashSize());
        assertEquals(4, map(counts, "own").getArrayElement(0).asLong());
        assertEquals(0, map(limits, "own").getArrayElement(0).asLong());
    }

    /** Enough packets for the compiler; each program's machine code sees what the other's wrote last. */
    @Test
    void compiledProgramsSeeTheSameValues() throws IOException {
        Value counts = Objects.evaluate(context, "counts");
        Value limits = Objects.evaluate(context, "limits");
        Value counted = counts.getMember("programs").getMember("count");
        Value limit = limits.getMember("programs").getMember("limit");
        for (int round = 0; round < 20_000; round++) {
            map(limits, "counts").putHashEntry(0, ProxyObject.fromMap(Map.of("packets", 1, "bytes", 0)));
            counted.execute((Object) PACKET);
            assertEquals(PASS, limit.execute((Object) PACKET).asInt());
            counted.execute((Object) PACKET);
            assertEquals(DROP, limit.execute((Object) PACKET).asInt());
        }
        assertEquals(120, map(counts, "counts").getHashValue(0).getMember("bytes").asLong());
    }

    @Test
    void contextsAreApart() throws IOException {
        try (Context other = newContext()) {
            Value here = Objects.evaluate(context, "counts");
            Value there = Objects.evaluate(other, "counts");
            run(here, "count");
            assertEquals(1, map(here, "counts").getHashSize());
            assertEquals(0, map(there, "counts").getHashSize());
        }
    }

    @Test
    void aMapThatDiffersIsRefused() throws IOException {
        Value counts = Objects.evaluate(context, "counts");
        run(counts, "count");
        PolyglotException e = assertThrows(PolyglotException.class, () -> Objects.evaluate(context, "differs"));
        assertEquals("map 'counts' of differs.o is not like the one that counts.o pinned by this name: value_size is 8, not 16, max_entries is 32, not 16, "
                + "map_flags are 0x1, not 0x0 (EINVAL, parameter mismatch): declare both alike, or give one another name", e.getMessage());
        assertTrue(e.isGuestException() && !e.isInternalError());
        assertEquals("resources", e.getGuestObject().getMember("failure").asString());
        assertEquals(1, packets(counts));
        counts.invokeMember("close");
        assertEquals(32, map(Objects.evaluate(context, "differs"), "counts").getMember("maxEntries").asLong());
    }

    @Test
    void aMapLivesUntilItsLastObjectIsClosed() throws IOException {
        Value counts = Objects.evaluate(context, "counts");
        run(counts, "count");
        Value newer = Objects.evaluate(context, Objects.bytes("counts"), "newer.o");
        Value program = counts.getMember("programs").getMember("count");
        Value own = map(counts, "own");
        counts.invokeMember("close");
        counts.invokeMember("close");
        assertEquals(1, packets(newer));
        run(newer, "count");
        assertEquals(2, packets(newer));
        assertTrue(assertThrows(PolyglotException.class, () -> program.execute((Object) PACKET)).getMessage().endsWith("is closed"));
        newer.invokeMember("close");
        Value shared = map(newer, "counts");
        assertTrue(assertThrows(PolyglotException.class, () -> shared.getHashValue(0)).getMessage().contains("is closed"));
        assertTrue(assertThrows(PolyglotException.class, () -> own.getArrayElement(0)).getMessage().contains("is closed"));
        assertEquals(0, map(Objects.evaluate(context, "counts"), "counts").getHashSize());
    }

    /** As in the kernel: what a table holds stays callable when its object is closed. */
    @Test
    void programsOfOtherObjectsAreCalled() throws IOException {
        Value counts = Objects.evaluate(context, "counts");
        assertEquals(DROP, run(counts, "call"));
        Value limits = Objects.evaluate(context, "limits");
        assertEquals(TX, run(counts, "call"));
        assertEquals(1, map(limits, "own").getArrayElement(0).asLong());
        assertEquals(0, map(counts, "own").getArrayElement(0).asLong());
        assertEquals("sends_back", map(counts, "calls").getArrayElement(1).asString());
        map(counts, "calls").setArrayElement(1, limits.getMember("programs").getMember("limit"));
        assertEquals(PASS, run(counts, "call"));
        map(limits, "calls").setArrayElement(1, counts.getMember("programs").getMember("call"));
        assertEquals(DROP, run(counts, "call"));
        map(limits, "calls").setArrayElement(1, "sends_back");
        limits.invokeMember("close");
        for (int i = 0; i < 10_000; i++) {
            assertEquals(TX, run(counts, "call"));
        }
        Value again = Objects.evaluate(context, Objects.bytes("limits"), "again.o");
        assertEquals(TX, run(counts, "call"));
        assertEquals(1, map(again, "own").getArrayElement(0).asLong());
    }

    @Test
    void iproute2ObjectsShareByNameOrWithTheirCopies() throws IOException {
        byte[] bytes = Objects.bytes("iproute2");
        Value first = Objects.evaluate(context, bytes, "first.o");
        Value copy = Objects.evaluate(context, bytes, "copy.o");
        byte[] changed = bytes.clone();
        // Of the ELF header e_flags, which say nothing.
        changed[48] = 1;
        Value other = Objects.evaluate(context, changed, "other.o");
        map(first, "everybody").setArrayElement(0, 5);
        assertEquals(List.of(5L, 5L), List.of(first(copy, "everybody"), first(other, "everybody")));
        map(first, "copies").setArrayElement(0, 6);
        assertEquals(List.of(6L, 0L), List.of(first(copy, "copies"), first(other, "copies")));
        map(first, "nobody").setArrayElement(0, 7);
        assertEquals(List.of(0L, 0L), List.of(first(copy, "nobody"), first(other, "nobody")));
        // The inner map of who came first.
        map(first, "inner").setArrayElement(0, 8);
        assertEquals(8, map(copy, "outer").getArrayElement(2).getArrayElement(0).asLong());
        assertEquals(0, first(copy, "inner"));
        assertEquals(List.of(PASS, DROP), List.of(run(copy, "finds_eight"), run(other, "finds_eight")));
    }

    private static long first(Value object, String map) {
        return map(object, map).getArrayElement(0).asLong();
    }

    @Test
    void commandsHaveMapsOfTheirOwn() throws IOException {
        try (Context trusted = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            Value counts = Objects.evaluate(trusted, "counts");
            trusted.getBindings("ebpf").invokeMember("run", Project.ROOT.resolve("tck-tests/src/test/programs/control/counts.o").toString(),
                    "--program", "count", "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--stats", "none");
            assertEquals(0, map(counts, "counts").getHashSize());
            counts.getMember("programs").getMember("count").invokeMember("run", "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--count", "10");
            assertEquals(10, packets(counts));
        }
    }
}
