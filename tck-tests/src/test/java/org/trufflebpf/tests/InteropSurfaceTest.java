package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects, programs and errors as an embedder sees them, that allows nothing but access to the packets it gives. */
class InteropSurfaceTest {
    /** Inverts the first byte of a packet and sends it back. */
    private static final String INVERT = """
            .program invert
                r0 = 0
                r2 = *(u32 *)(r1 + 0)
                r3 = *(u32 *)(r1 + 4)
                r4 = r2
                r4 += 1
                if r4 > r3 goto end
                r5 = *(u8 *)(r2 + 0)
                r5 ^= 255
                *(u8 *)(r2 + 0) = r5
                r0 = 3
            end:
                exit
            """;
    private static final HostAccess PACKETS = HostAccess.newBuilder(HostAccess.NONE).allowArrayAccess(true).allowListAccess(true)
            .allowBufferAccess(true)
            .build();

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Context context = Context.newBuilder("ebpf").allowHostAccess(PACKETS).allowIO(IOAccess.NONE).allowNativeAccess(false)
            .allowCreateThread(false).allowPolyglotAccess(PolyglotAccess.NONE).out(output).err(output).build();

    @AfterEach
    void nothingIsPrinted() {
        context.close();
        assertEquals("", output.toString());
    }

    private Value object(String name) throws IOException {
        return context.eval(Project.source(Project.program(name)));
    }

    private Value invert() {
        return context.eval("ebpf", INVERT).getMember("programs").getMember("invert");
    }

    @Test
    void programsChangeBuffers() {
        ByteBuffer direct = ByteBuffer.allocateDirect(60).put(0, (byte) 0x0f);
        assertEquals(3, invert().execute(direct).asInt());
        assertEquals((byte) 0xf0, direct.get(0));
        ByteBuffer readOnly = ByteBuffer.allocate(60).asReadOnlyBuffer();
        assertEquals(3, invert().execute(readOnly).asInt());
        assertEquals(0, readOnly.get(0));
    }

    @Test
    void programsChangeArraysOfBytes() {
        byte[] bytes = {1, 2};
        assertEquals(3, invert().execute((Object) bytes).asInt());
        assertArrayEquals(new byte[]{-2, 2}, bytes);
        int[] numbers = {1, -1};
        invert().execute((Object) numbers);
        assertArrayEquals(new int[]{254, -1}, numbers);
        List<Object> list = new ArrayList<>(List.of(255));
        invert().execute(list);
        assertEquals(List.of(0), list);
    }

    @Test
    void whatIsNoPacketIsRefused() {
        Value program = invert();
        for (Object wrong : new Object[]{"text", 5, new int[]{256}, new byte[3521], List.of("a"), program}) {
            String message = assertThrows(IllegalArgumentException.class, () -> program.execute(wrong)).getMessage();
            assertTrue(message.contains("takes a packet of at most 3520 bytes"), message);
        }
        assertThrows(IllegalArgumentException.class, program::execute);
        assertThrows(IllegalArgumentException.class, () -> program.execute(new byte[1], new byte[1]));
        assertEquals(0, program.execute((Object) new byte[0]).asInt());
    }

    @Test
    void objectsTellWhatTheyHold() throws IOException {
        Value object = object("xdp_map_access");
        assertEquals(Set.of("programs", "maps", "btf", "snapshot", "restore", "close"), object.getMemberKeys());
        assertEquals("object xdp_map_access.o", object.toString());
        assertEquals("object", object.getMetaObject().getMetaSimpleName());
        assertTrue(object.getMetaObject().isMetaInstance(object) && !object.getMetaObject().isMetaInstance(object.getMember("maps")));
        assertEquals(Set.of("ctl_array", "cntrs_array"), object.getMember("maps").getMemberKeys());
        assertEquals("xdp_map_access.o", object.getSourceLocation().getSource().getName());

        Value program = object.getMember("programs").getMember("xdp_map_access");
        assertEquals("xdp_map_access", program.getMember("name").asString());
        assertEquals("xdp", program.getMember("section").asString());
        assertEquals(42, program.getMember("instructions").asInt());
        assertEquals("program xdp_map_access", program.toString());
        assertEquals("./xdp_map_access/xdp_map_access.c", program.getSourceLocation().getSource().getName());
        assertNull(object.getMember("programs").getMember("none"));
    }

    @Test
    void typesAreNamedAsInC() throws IOException {
        Value types = object("xdp_map_access").getMember("btf");
        Value context = types.getMember("struct xdp_md");
        assertEquals("struct xdp_md", context.toString());
        assertEquals(24, context.getMember("size").asLong());
        assertTrue(context.getMember("definition").asString().startsWith("struct xdp_md {\n    __u32 data;\n"),
                context.getMember("definition").asString());
        assertEquals(4, types.getMember("__u32").getMember("size").asLong());
        assertFalse(types.hasMember("xdp_md"));
        assertEquals(Set.of(), evaluate("exit").getMember("btf").getMemberKeys());
    }

    private Value evaluate(String text) {
        return context.eval("ebpf", text);
    }

    @Test
    void malformedTextIsASyntaxErrorInItsLine() {
        PolyglotException e = assertThrows(PolyglotException.class, () -> evaluate("r0 = 1\nr0 = r12\nexit\n"));
        assertTrue(e.isSyntaxError() && e.isGuestException() && !e.isIncompleteSource(), e.toString());
        assertEquals(2, e.getSourceLocation().getStartLine());
        assertEquals("malformed", e.getGuestObject().getMember("failure").asString());
        assertEquals(Set.of("failure", "reason"), e.getGuestObject().getMemberKeys());
    }

    @Test
    void mapsThatTakeTooMuchAreNoSyntaxError() {
        PolyglotException e = assertThrows(PolyglotException.class, () -> evaluate(".map m hash 4 4096 4000000000\nr0 = 1\nexit\n"));
        assertFalse(e.isSyntaxError());
        assertEquals("resources", e.getGuestObject().getMember("failure").asString());
    }

    @Test
    void identityReturnsItsArgument() {
        Value identity = context.getBindings("ebpf").getMember("identity");
        assertEquals("x", identity.execute("x").asString());
        assertEquals("function identity", identity.toString());
        assertThrows(IllegalArgumentException.class, identity::execute);
    }

    @Test
    void programsRunOverPortsWithTheMapsOfTheirObject(@TempDir Path folder) throws IOException {
        Path sent = folder.resolve("sent.pcap");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (Context trusted = Context.newBuilder("ebpf").allowHostAccess(PACKETS).allowIO(IOAccess.ALL).out(printed).err(printed).build()) {
            Value object = trusted.eval(Source.newBuilder("ebpf", Project.program("xdp_map_access").toFile()).build());
            Value program = object.getMember("programs").getMember("xdp_map_access");
            Value counters = object.getMember("maps").getMember("cntrs_array");
            for (int run = 1; run <= 2; run++) {
                Value result = program.invokeMember("run", "--port", "pcap:" + Project.SAMPLE_CAPTURE + ",out=" + sent, "--count", "100");
                assertEquals(100, result.getMember("received").getMember("packets").asLong());
                long sentPackets = result.getMember("tx").getMember("packets").asLong();
                assertTrue(sentPackets > 0 && sentPackets == result.getMember("ports").getMember("1").getMember("sent").getMember("packets")
                        .asLong());
                assertEquals(run * 100L, counters.getArrayElement(0).getArrayElement(0).asLong());
            }
            program.execute((Object) new byte[60]);
            assertEquals(201, counters.getArrayElement(0).getArrayElement(0).asLong());
            assertEquals("", printed.toString());
            assertTrue(Files.size(sent) > 100);
            program.invokeMember("run", "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--stats", "json");
            assertTrue(printed.toString().startsWith("{\"program\":\"xdp_map_access\""), printed.toString());
            PolyglotException e = assertThrows(PolyglotException.class, () -> program.invokeMember("run", "--program", "other"));
            assertEquals(2, e.getGuestObject().getMember("exitStatus").asInt());
        }
    }
}
