package org.trufflebpf.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Maps of types.c as a control program in Java reads and writes them. */
class MapValuesTest {
    private static final Path OBJECT = Path.of("src/test/resources/objects/types.o");
    private static final HostAccess ACCESS = HostAccess.newBuilder(HostAccess.EXPLICIT).allowArrayAccess(true).allowListAccess(true)
            .allowMapAccess(true).allowBufferAccess(true).build();
    /** CPUs that a per-CPU value is for. */
    private static final int CPUS = 16;

    private Context context;
    private Value maps;

    @BeforeEach
    void load() throws IOException {
        context = Context.newBuilder(EbpfLanguage.ID).allowHostAccess(ACCESS).build();
        ByteSequence bytes = ByteSequence.create(Files.readAllBytes(OBJECT));
        maps = context.eval(Source.newBuilder(EbpfLanguage.ID, bytes, "types.o").mimeType(EbpfLanguage.OBJECT_MIME_TYPE).build()).getMember("maps");
    }

    @AfterEach
    void close() {
        context.close();
    }

    private Value map(String name) {
        return maps.getMember(name);
    }

    private static Map<String, Object> flow(Object source) {
        Map<String, Object> flow = new LinkedHashMap<>();
        flow.put("source", source);
        flow.put("destination", Map.of("family", 4, "v4", 0x7f000001));
        flow.put("ports", List.of(443, 50000));
        flow.put("protocol", 6);
        flow.put("urgency", -16);
        flow.put("spread", 1L << 44);
        flow.put("fragment", true);
        flow.put("state", "OPEN");
        return flow;
    }

    private static Map<String, Object> value() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("total", BigInteger.ONE.shiftLeft(127));
        value.put("balance", BigInteger.TWO.pow(100).negate());
        value.put("packets", BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
        value.put("offset", Long.MIN_VALUE);
        value.put("name", "eth0");
        value.put("letter", 'x' + 0);
        value.put("active", false);
        value.put("state", -7);
        value.put("mask", "TOP");
        value.put("wide", "HUGE");
        value.put("ratio", 0.5f);
        value.put("average", 1e300);
        value.put("owner", 0);
        value.put("history", new int[] {1, 2, 3});
        value.put("steps", ProxyArray.fromArray(ProxyObject.fromMap(Map.of("level", -128, "length", 1500)), Map.of("level", 1, "length", 0)));
        value.put("serial", 1);
        return value;
    }

    @Test
    void structsAreWrittenAsJavaMapsAndReadAsObjects() {
        byte[] bytes = new byte[16];
        bytes[15] = -1;
        Object key = flow(Map.of("family", 6, "v6", bytes));
        Value flows = map("flows");
        assertFalse(flows.hasHashEntry(key));
        flows.putHashEntry(key, value());
        assertTrue(flows.hasHashEntry(key));

        Value read = flows.getHashValue(key);
        assertEquals(BigInteger.ONE.shiftLeft(127), read.getMember("total").asBigInteger());
        assertEquals(BigInteger.TWO.pow(100).negate(), read.getMember("balance").asBigInteger());
        assertEquals("18446744073709551615", read.getMember("packets").toString());
        assertEquals(Long.MIN_VALUE, read.getMember("offset").asLong());
        assertEquals("eth0", read.getMember("name").asString());
        assertEquals('0', read.getMember("name").getArrayElement(3).asInt());
        assertFalse(read.getMember("active").asBoolean());
        assertEquals(-7, read.getMember("state").asInt());
        assertEquals("BROKEN", read.getMember("state").toString());
        assertEquals(0x8000_0000L, read.getMember("mask").asLong());
        assertEquals(0.5f, read.getMember("ratio").asFloat());
        assertEquals(1e300, read.getMember("average").asDouble());
        assertEquals(List.of(1, 2, 3), new ArrayList<>(read.getMember("history").as(List.class)));
        assertEquals(1500, read.getMember("steps").getArrayElement(0).getMember("length").asInt());
        assertEquals(1, read.getMember("serial").asLong());
        assertEquals(4, read.getMember("lock").getBufferSize());
        assertNull(read.getMember("none"));

        flows.putHashEntry(key, read);
        assertEquals(1, flows.getHashSize());
        Value found = flows.getHashKeysIterator().getIteratorNextElement();
        assertEquals(255, found.getMember("source").getMember("v6").getArrayElement(15).asInt());
        assertEquals(255, found.getMember("source").getMember("interface").asLong());
        assertEquals(50000, found.getMember("ports").getArrayElement(1).asInt());
        assertEquals("OPEN", found.getMember("state").getMember("name").asString());
        assertTrue(flows.removeHashEntry(found));
    }

    @Test
    void snapshotsStayAsTheyWere() {
        Value numbers = map("numbers");
        numbers.setArrayElement(1, ProxyObject.fromMap(Map.of("whole", 0x10002)));
        Value before = numbers.getArrayElement(1);
        numbers.setArrayElement(1, Map.of("halves", ProxyObject.fromMap(Map.of("low", 3, "high", 1))));
        assertEquals(0x10002, before.getMember("whole").asInt());
        assertEquals(1, before.getMember("halves").getMember("high").asInt());
        assertEquals(Set.of("whole", "broken", "halves"), before.getMemberKeys());
        assertEquals(0x10003, numbers.getArrayElement(1).getMember("whole").asInt());
        assertThrows(UnsupportedOperationException.class, () -> before.putMember("whole", 1));
        assertEquals(3, map("numbers").getMember("raw").getArrayElement(1).readBufferInt(ByteOrder.LITTLE_ENDIAN, 0) & 0xffff);
    }

    @Test
    void buffersGiveTheirBytes() {
        byte[] bytes = {1, 2, 3, -1};
        map("numbers").setArrayElement(0, ByteBuffer.wrap(bytes));
        map("numbers").setArrayElement(1, bytes);
        for (int i = 0; i < 2; i++) {
            Value read = map("numbers").getArrayElement(i);
            assertEquals(0xff030201L, read.getMember("whole").asLong());
            byte[] copy = new byte[4];
            read.readBuffer(0, copy, 0, 4);
            assertArrayEquals(bytes, copy);
        }
    }

    @Test
    void perCpuValuesAreArraysAndKeysEnums() {
        Value counters = map("counters");
        Object[] values = new Object[CPUS];
        for (int cpu = 0; cpu < CPUS; cpu++) {
            values[cpu] = BigInteger.ONE.shiftLeft(63).add(BigInteger.valueOf(cpu));
        }
        counters.putHashEntry("BROKEN", values);
        counters.putHashEntry(1, new long[CPUS]);
        assertEquals(CPUS, counters.getHashValue(-7).getArraySize());
        assertEquals("9223372036854775823", counters.getHashValue("BROKEN").getArrayElement(CPUS - 1).toString());
        Set<String> keys = new TreeSet<>();
        Value iterator = counters.getHashKeysIterator();
        while (iterator.hasIteratorNextElement()) {
            keys.add(iterator.getIteratorNextElement().toString());
        }
        assertEquals(Set.of("BROKEN", "OPEN"), keys);
        values[2] = -1;
        assertEquals("map counters: value: CPU 2: takes a whole number from 0 to 18446744073709551615, not -1 (EINVAL)",
                assertThrows(PolyglotException.class, () -> counters.putHashEntry("OPEN", values)).getMessage());
    }

    @Test
    void queuesHoldTexts() {
        map("names").invokeMember("push", "first");
        assertEquals("first", map("names").invokeMember("peek").asString());
        assertEquals("map names: value: takes a text of at most 15 bytes or an array of 16, not 'sixteen letters!' (EINVAL)",
                assertThrows(PolyglotException.class, () -> map("names").invokeMember("push", "sixteen letters!")).getMessage());
    }

    @Test
    void globalsHaveNames() {
        assertEquals(1500, map(".rodata").getArrayElement(0).getMember("limit").asInt());
        assertEquals("hello", map(".rodata").getArrayElement(0).getMember("greeting").asString());
        Value data = map(".data").getArrayElement(0);
        assertEquals(443, data.getMember("flow").getMember("ports").getArrayElement(0).asInt());
        assertEquals("OPEN", data.getMember("current").getMember("name").asString());
        assertEquals(0, map(".bss").getArrayElement(0).getMember("seen").asLong());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ports    | [1]   | map flows: key: ports: takes an array of 2 elements, not an array of 1 (EINVAL)
            protocol | 256   | map flows: key: protocol: takes a whole number from 0 to 255, not 256 (EINVAL)
            state    | SHUT  | map flows: key: state: takes CLOSED, OPEN, BROKEN, or a whole number from -8 to 7, not 'SHUT' (EINVAL)
            protocol |       | map flows: key: protocol: is missing: takes a whole number from 0 to 255 (EINVAL)
            other    | 1     | map flows: key: has no member 'other': takes an object with source, destination, ports, protocol, urgency, spread, \
            fragment, state (EINVAL)
            """)
    void errorsNameTheField(String member, String given, String message) {
        Map<String, Object> key = flow(Map.of("family", 4, "v4", 1));
        if (given == null) {
            key.remove(member);
        } else {
            key.put(member, given.startsWith("[") ? List.of(1) : given.matches("[0-9]+") ? Integer.valueOf(given) : (Object) given);
        }
        PolyglotException e = assertThrows(PolyglotException.class, () -> map("flows").putHashEntry(key, value()));
        assertEquals(message, e.getMessage());
        assertTrue(e.isGuestException() && !e.isInternalError());
        assertFalse(map("flows").hasHashEntry(key));
    }

    @Test
    void untypedMapsStayNumbersAndBytes() {
        map("plain").putHashEntry(7, new byte[12]);
        assertEquals(12, map("plain").getHashValue(7).getBufferSize());
    }

    @Test
    void eventsAreDecodedAsAnyTypeOfTheObject() {
        assertTrue(map("events").invokeMember("as", "struct flow").invokeMember("take").isNull());
        assertEquals("map events: the object has no type 'struct event' (ENOENT)",
                assertThrows(PolyglotException.class, () -> map("events").invokeMember("as", "struct event")).getMessage());
    }
}
