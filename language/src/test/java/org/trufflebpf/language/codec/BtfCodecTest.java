package org.trufflebpf.language.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapException;

/** Keys and values of types.c, whose data sections the compiler filled. */
class BtfCodecTest {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final ObjectSpec OBJECT = load();
    /** What types.c puts into {@code flow}. */
    private static final String FLOW = """
            {"source": {"family": 6, "v6": "20010db8000000000000000000000001"},
             "destination": {"family": 6, "v6": "20010db8000000000000000000000002"},
             "ports": [443, 50000], "protocol": 17, "urgency": -3, "spread": 20015998343868, "fragment": true, "state": "BROKEN"}""";
    private static final String VALUE = """
            {"total": 340282366920938463444927863358058659841, "balance": -1267650600228229401496703205376, "packets": 18446744073709551615,
             "offset": -5, "name": "eth0", "letter": 120, "active": true,
             "state": "BROKEN", "mask": "TOP", "wide": "HUGE", "ratio": 0.1, "average": -2.5,
             "owner": 956397711104, "history": [1, 2, 65535], "steps": [{"level": -1, "length": 1500}, {"level": 127, "length": 9000}],
             "serial": 9223372036854775809}""";

    private static ObjectSpec load() {
        try (InputStream stream = BtfCodecTest.class.getResourceAsStream("/objects/types.o")) {
            return ObjectLoader.load(stream.readAllBytes(), LoadOptions.defaults());
        } catch (IOException | MalformedObjectException e) {
            throw new AssertionError(e);
        }
    }

    private static Codec named(String name) {
        Codec codec = BtfCodec.named(OBJECT.btf(), name);
        assertInstanceOf(BtfCodec.class, codec);
        return codec;
    }

    private static Codec section(String name) {
        MapSpec map = OBJECT.map(name).orElseThrow();
        return BtfCodec.of(OBJECT.btf(), map.valueType(), map.valueSize());
    }

    /** A global variable of a data section. */
    private static Object variable(String section, String name) throws InteropException {
        return INTEROP.readMember(section(section).decode(OBJECT.map(section).orElseThrow().contents()), name);
    }

    private static byte[] bytes(Object buffer) throws InteropException {
        byte[] bytes = new byte[(int) INTEROP.getBufferSize(buffer)];
        INTEROP.readBuffer(buffer, 0, bytes, 0, bytes.length);
        return bytes;
    }

    private static byte[] encode(Codec codec, String json) {
        return codec.encode(Json.view(JsonParser.parseString(json)));
    }

    /** A part of a value, such as {@code steps.1.length}. */
    private static Object part(Object value, String path) throws InteropException {
        Object at = value;
        for (String step : path.split("\\.")) {
            at = Character.isDigit(step.charAt(0)) ? INTEROP.readArrayElement(at, Long.parseLong(step)) : INTEROP.readMember(at, step);
        }
        return at;
    }

    private static String text(Object value) {
        try {
            return INTEROP.asString(INTEROP.toDisplayString(value, false));
        } catch (UnsupportedMessageException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            flow  | source.family        | 6
            flow  | source.v4            | 536939960
            flow  | source.v6            | [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
            flow  | source.v6.3          | 184
            flow  | destination.prefix   | 2306139568115548160
            flow  | destination.interface | 2
            flow  | ports.0              | 443
            flow  | ports                | [443, 50000]
            flow  | protocol             | 17
            flow  | urgency              | -3
            flow  | spread               | 20015998343868
            flow  | fragment             | true
            flow  | state                | BROKEN
            value | total                | 340282366920938463444927863358058659841
            value | balance              | -1267650600228229401496703205376
            value | packets              | 18446744073709551615
            value | offset               | -5
            value | name                 | eth0
            value | name.3               | 48
            value | letter               | 120
            value | active               | true
            value | state                | BROKEN
            value | mask                 | TOP
            value | wide                 | HUGE
            value | ratio                | 0.1
            value | average              | -2.5
            value | owner                | 956397711104
            value | history              | [1, 2, 65535]
            value | steps.0.level        | -1
            value | steps.1              | {level: 127, length: 9000}
            value | steps.1.length       | 9000
            value | serial               | 9223372036854775809
            value | lock                 | 00 00 00 00
            """)
    void decodesWhatTheCompilerMade(String variable, String path, String expected) throws InteropException {
        assertEquals(expected, text(part(variable(".data", variable), path)));
    }

    @Test
    void namesGlobals() throws InteropException {
        assertEquals(1500, variable(".rodata", "limit"));
        assertEquals("hello", INTEROP.asString(variable(".rodata", "greeting")));
        assertEquals("OPEN", text(variable(".data", "current")));
        assertEquals(7, variable(".data", "count.packets"));
        assertEquals(0x7f000001, part(variable(".data", "self"), "v4"));
        MapSpec zeros = OBJECT.map(".bss").orElseThrow();
        assertEquals("{macs: [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]], seen: 0}", text(section(".bss").decode(new byte[zeros.valueSize()])));
    }

    @Test
    void encodesWhatTheCompilerMade() throws InteropException {
        assertArrayEquals(bytes(variable(".data", "flow")), encode(named("flow"), FLOW));
        assertArrayEquals(bytes(variable(".data", "value")), encode(named("struct value"), VALUE));
        assertEquals(JsonParser.parseString(FLOW).toString(), Json.of(named("flow"), encode(named("flow"), FLOW)).toString());
        assertEquals(JsonParser.parseString(VALUE).toString(), Json.of(named("value"), encode(named("value"), VALUE)).toString());
    }

    @Test
    void numbersAreTheirOwnKind() throws InteropException {
        Object value = variable(".data", "value");
        Object packets = part(value, "packets");
        assertTrue(INTEROP.isNumber(packets) && !INTEROP.fitsInLong(packets));
        assertEquals(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE), INTEROP.asBigInteger(packets));
        Object total = part(value, "total");
        assertEquals(new BigInteger("ffffffffffffffff0000000000000001", 16), INTEROP.asBigInteger(total));
        assertTrue(!INTEROP.fitsInDouble(total) && !INTEROP.fitsInFloat(total) && !INTEROP.fitsInInt(total));
        Object balance = part(value, "balance");
        assertEquals(-Math.pow(2, 100), INTEROP.asDouble(balance));
        assertEquals((float) -Math.pow(2, 100), INTEROP.asFloat(balance));
        assertThrows(UnsupportedMessageException.class, () -> INTEROP.asDouble(total));
        assertEquals(Boolean.TRUE, part(value, "active"));
        assertEquals(0.1f, part(value, "ratio"));
    }

    @Test
    void enumsAreNumbersWithAName() throws InteropException {
        Object state = part(variable(".data", "value"), "state");
        assertEquals(-7, INTEROP.asInt(state));
        assertEquals("BROKEN", INTEROP.readMember(state, "name"));
        assertEquals(0x8000_0000L, INTEROP.asLong(part(variable(".data", "value"), "mask")));
        assertEquals(new BigInteger("fedcba9876543210", 16), INTEROP.asBigInteger(part(variable(".data", "value"), "wide")));
        assertThrows(UnknownIdentifierException.class, () -> INTEROP.readMember(state, "value"));
        Codec codec = named("enum state");
        assertEquals(5, codec.decode(encode(codec, "5")));
        assertArrayEquals(encode(codec, "-7"), encode(codec, "\"BROKEN\""));
        assertArrayEquals(encode(codec, "-7"), codec.encode(state));
    }

    @Test
    void textsAreArraysAndBuffersToo() throws InteropException {
        Object name = part(variable(".data", "value"), "name");
        assertTrue(INTEROP.isString(name) && INTEROP.hasArrayElements(name) && INTEROP.hasBufferElements(name));
        assertEquals(16, INTEROP.getArraySize(name));
        assertEquals('e', INTEROP.readBufferByte(name, 0));
        assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(name, 16));
        Codec codec = named("name_t");
        for (String noText : List.of("00010000", "41414141414141414141414141414141", "41004100", "c3280000", "0a000000", "ff")) {
            Object decoded = codec.decode(Arrays.copyOf(HexFormat.of().parseHex(noText), 16));
            assertTrue(!INTEROP.isString(decoded) && INTEROP.getArraySize(decoded) == 16, noText);
        }
        assertEquals("", INTEROP.asString(codec.decode(new byte[16])));
        assertEquals("gr\u00fc\u00df", INTEROP.asString(codec.decode(codec.encode("gr\u00fc\u00df"))));
    }

    @Test
    void structsAreSnapshotsAndBuffers() throws InteropException {
        Object flow = variable(".data", "flow");
        List<String> names = new ArrayList<>();
        Object members = INTEROP.getMembers(part(flow, "source"));
        for (long i = 0; i < INTEROP.getArraySize(members); i++) {
            names.add(INTEROP.asString(INTEROP.readArrayElement(members, i)));
        }
        assertEquals(List.of("family", "v4", "v6", "prefix", "interface"), names);
        assertThrows(UnknownIdentifierException.class, () -> INTEROP.readMember(flow, "target"));
        assertTrue(!INTEROP.isMemberWritable(flow, "protocol"));
        Object ports = part(flow, "ports");
        assertEquals(443, Short.toUnsignedInt(INTEROP.readBufferShort(ports, ByteOrder.BIG_ENDIAN, 0)));
        assertEquals(443 << 16 | 50000, INTEROP.readBufferInt(ports, ByteOrder.BIG_ENDIAN, 0));
        assertThrows(InvalidBufferOffsetException.class, () -> INTEROP.readBufferLong(ports, ByteOrder.BIG_ENDIAN, 0));
        assertThrows(InvalidBufferOffsetException.class, () -> INTEROP.readBufferByte(ports, -1));
        assertThrows(InvalidArrayIndexException.class, () -> INTEROP.readArrayElement(ports, 2));
        assertEquals(443, INTEROP.readBufferShort(flow, ByteOrder.BIG_ENDIAN, INTEROP.getBufferSize(part(flow, "source")) * 2));
        assertArrayEquals(bytes(flow), named("flow").encode(flow));
        assertTrue(text(variable(".data", "value")).length() < 500);
    }

    @Test
    void bytesAreTakenForEverything() throws InteropException {
        byte[] four = {1, 2, 3, (byte) 0xff};
        for (String type : List.of("__u32", "enum state", "union number", "float", "struct bpf_spin_lock")) {
            assertArrayEquals(four, named(type).encode(Codec.bytes(4).decode(four)), type);
            assertArrayEquals(four, encode(named(type), "[1, 2, 3, -1]"), type);
            assertArrayEquals(four, encode(named(type), "\"01 02 03 fF\""), type);
        }
        byte[] source = bytes(part(variable(".data", "flow"), "source"));
        assertArrayEquals(encode(named("flow"), FLOW), encode(named("flow"),
                FLOW.replaceFirst("\\{\"family[^}]*}", "\"" + HexFormat.of().formatHex(source) + "\"")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            __u32       | 4294967296 | takes a whole number from 0 to 4294967295, not 4294967296
            __u32       | -1         | takes a whole number from 0 to 4294967295, not -1
            __u32       | 1.5        | takes a whole number from 0 to 4294967295, not 1.5
            __u32       | "many"     | takes a whole number from 0 to 4294967295, not 'many'
            __u32       | true       | takes a whole number from 0 to 4294967295, not true
            __u32       | null       | takes a whole number from 0 to 4294967295, not null
            __u32       | {}         | takes a whole number from 0 to 4294967295, not an object
            __u32       | [1, 2]     | takes a whole number from 0 to 4294967295, not an array of 2
            __s8        | 128        | takes a whole number from -128 to 127, not 128
            __u64       | 18446744073709551616 | takes a whole number from 0 to 18446744073709551615, not 18446744073709551616
            bool        | 2          | takes true or false, not 2
            enum state  | "SHUT"     | takes CLOSED, OPEN, BROKEN, or a whole number from -2147483648 to 2147483647, not 'SHUT'
            float       | 1e300      | takes a number, not 1.0E300
            name_t      | "a name of sixteen" | takes a text of at most 15 bytes or an array of 16, not 'a name of sixteen'
            name_t      | "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4" | takes a text of at most 15 bytes or an array of 16, \
            not '\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4'
            union number | {}        | takes exactly one of whole, broken, halves, not none
            union number | {"whole": 1, "broken": 1} | takes exactly one of whole, broken, halves, not whole, broken
            union number | {"part": 1} | has no member 'part': takes an object with one of whole, broken, halves
            union number | {"halves": {"low": 1}} | halves.high: is missing: takes a whole number from 0 to 65535
            union number | {"halves": {"low": 1, "high": 65536}} | halves.high: takes a whole number from 0 to 65535, not 65536
            struct address | {"family": 4} | takes exactly one of v4, v6, (prefix, interface), not none
            struct address | {"family": 4, "prefix": 1} | interface: is missing: takes a whole number from 0 to 18446744073709551615
            struct address | {"family": 4, "v4": 1, "interface": 1} | takes exactly one of v4, v6, (prefix, interface), not v4, (prefix, interface)
            struct address | {"family": 6, "v6": [0, 1]} | v6: takes an array of 16 elements, not an array of 2
            struct address | {"family": 6, "v6": "0001"} | v6: takes an array of 16 elements, not '0001'
            struct address | 7         | takes an object with family, (v4, v6, prefix, interface), not 7
            """)
    void refuses(String type, String json, String message) {
        MapException e = assertThrows(MapException.class, () -> encode(named(type), json));
        assertEquals(message, e.detail());
        assertEquals(1, e.getMessage().lines().count());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            "ports": [443, 50000] | "ports": [443, 65536] | ports[1]: takes a whole number from 0 to 65535, not 65536
            "ports": [443, 50000] | "ports": [443]        | ports: takes an array of 2 elements, not an array of 1
            "urgency": -3         | "urgency": 16         | urgency: takes a whole number from -16 to 15, not 16
            "urgency": -3         | "urgency": "fd"       | urgency: takes a whole number from -16 to 15, not 'fd'
            "spread": 20015998343868 | "spread": 35184372088832 | spread: takes a whole number from 0 to 35184372088831, not 35184372088832
            "state": "BROKEN"     | "state": 8            | state: takes CLOSED, OPEN, BROKEN, or a whole number from -8 to 7, not 8
            "protocol": 17,       |                       | protocol: is missing: takes a whole number from 0 to 255
            "protocol": 17        | "protocoll": 17       | has no member 'protocoll': takes an object with source, destination, ports, \
            protocol, urgency, spread, fragment, state
            """)
    void refusesParts(String part, String replacement, String message) {
        MapException e = assertThrows(MapException.class, () -> encode(named("flow"), FLOW.replace(part, replacement == null ? "" : replacement)));
        assertEquals(message, e.detail());
    }

    @ParameterizedTest
    @ValueSource(strings = {"flow", "value", "union number", "address", "name_t", "enum wide", "__u64", ".data", ".rodata", ".bss"})
    void readsBackWhatItShows(String type) {
        Codec codec = type.startsWith(".") ? section(type) : named(type);
        Random random = new Random(type.hashCode());
        int typed = 0;
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[codec.size()];
            random.nextBytes(bytes);
            assertArrayEquals(bytes, codec.encode(codec.decode(bytes)));
            assertArrayEquals(bytes, encode(codec, Json.of(codec, bytes).toString()));

            String shown = RandomValue.of(((BtfCodec) codec).layout(), random).toString();
            byte[] made = encode(codec, shown);
            assertEquals(shown, Json.of(codec, made).toString());
            assertArrayEquals(made, codec.encode(codec.decode(made)));
            typed += JsonParser.parseString(shown) instanceof JsonObject ? 1 : 0;
        }
        assertTrue(typed == 0 || typed == 300);
    }

    @Test
    void paddingAndOddValuesAreKept() {
        Codec address = named("address");
        byte[] bytes = new byte[address.size()];
        assertEquals("{\"family\":0,\"v6\":\"00000000000000000000000000000000\"}", Json.of(address, bytes).toString());
        bytes[1] = 1;
        assertEquals("\"" + HexFormat.of().formatHex(bytes) + "\"", Json.of(address, bytes).toString());
        assertEquals("\"02\"", Json.of(named("bool"), new byte[] {2}).toString());
        assertEquals("\"0000807f\"", Json.of(named("float"), new byte[] {0, 0, (byte) 0x80, 0x7f}).toString());
        assertEquals(true, named("bool").decode(new byte[] {2}));
    }

    @Test
    void whatOnlyProgramsTouchCanBeLeftOut() {
        byte[] bytes = encode(named("value"), VALUE);
        Codec codec = named("value");
        assertArrayEquals(bytes, encode(codec, VALUE.replace("\"serial\"", "\"lock\": \"00000000\", \"serial\"")));
        bytes[bytes.length - 1] = 1;
        assertTrue(Json.of(codec, bytes).toString().endsWith("\"timer\":\"00000000000000000000000000000001\"}"));
    }

    @Test
    void typesOfAnotherSizeAreNotTaken() {
        MapSpec plain = OBJECT.map("plain").orElseThrow();
        assertEquals(Codec.untyped(12), BtfCodec.of(OBJECT.btf(), plain.valueType(), plain.valueSize()));
        MapSpec flows = OBJECT.map("flows").orElseThrow();
        assertEquals(Codec.untyped(8), BtfCodec.of(OBJECT.btf(), flows.keyType(), 8));
        assertEquals(Codec.untyped(4), BtfCodec.of(null, 7, 4));
        assertNull(BtfCodec.named(OBJECT.btf(), "struct none"));
        assertNull(BtfCodec.named(null, "int"));
        assertEquals("\"00000000\"", Json.of(Codec.untyped(4), new byte[4]).toString());
    }
}
