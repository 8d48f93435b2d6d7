package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.language.codec.BtfCodec;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapKind;
import org.trufflebpf.maps.References;

class MapFileTest {
    private final List<BpfMap> maps = newMaps();

    private static List<BpfMap> newMaps() {
        return List.of(map("hash", MapKind.HASH, 4, 8, 16), map("array", MapKind.ARRAY, 4, 2, 4), map("percpu", MapKind.PERCPU_ARRAY, 4, 4, 2),
                map("queue", MapKind.QUEUE, 0, 1, 4), map("stack", MapKind.STACK, 0, 1, 4));
    }

    private static BpfMap map(String name, MapKind kind, int keySize, int valueSize, int entries) {
        return MapFactory.create(new MapDefinition(name, kind, keySize, valueSize, entries, 0), 1, 2, Codec.untyped(keySize),
                Codec.untyped(valueSize));
    }

    @AfterEach
    void close() {
        maps.forEach(BpfMap::close);
    }

    private void fill(String json) {
        new MapFile(maps).fill("file", json.getBytes(StandardCharsets.UTF_8));
    }

    private static String dump(List<BpfMap> maps) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        new MapFile(maps).write(stream);
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static final String FULL = """
            [
             {"map": "hash", "entries": [
              {"key": "01000000", "value": "ffffffffffffffff"},
              {"key": "ff000000", "value": "0102030405060708"}]},
             {"map": "array", "entries": [
              {"key": "02000000", "value": "0a0b"}]},
             {"map": "percpu", "entries": [
              {"key": "00000000", "value": ["05000000", "05000000"]},
              {"key": "01000000", "value": ["00000000", "07000000"]}]},
             {"map": "queue", "entries": [
              {"value": "01"},
              {"value": "02"}]},
             {"map": "stack", "entries": [
              {"value": "01"},
              {"value": "02"}]}
            ]
            """;

    @Test
    void readsEveryNotationAndWritesOne() throws IOException {
        fill("""
                [{"map": "hash", "entries": [{"value": [1,2,3,4,5,6,7,8], "key": 255}, {"key": "01 00 00 00", "value": -1}]},
                 {"map": "array", "entries": [{"key": 2, "value": "0A0b"}, {"key": 1, "value": 0}]},
                 {"map": "percpu", "entries": [{"key": 0, "value": 5}, {"key": 1, "value": ["00000000", "07000000"]}]},
                 {"map": "queue", "entries": [{"value": 1}, {"value": "02"}]},
                 {"map": "stack", "entries": [{"value": 1}, {"value": "02"}]}]""");
        assertEquals(FULL, dump(maps));
    }

    @Test
    void readsWhatItWrote() throws IOException {
        fill(FULL);
        assertEquals(FULL, dump(maps));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                                                                 | Expected an array but was an object at line 1 column 2
            [                                                                  | End of input
            [] 1                                                               | malformed JSON at line 1 column 5
            [{"map": "none", "entries": []}]                                   | the object has no map none
            [{"entries": []}]                                                  | "map" with a name must come first
            [{"map": "hash", "entries": [{"key": 1}]}]                         | the entry has no value
            [{"map": "hash", "entries": [{"key": "01", "value": 1}]}]          | map hash: key: has 1 bytes, not 4
            [{"map": "hash", "entries": [{"key": 1.5, "value": 1}]}]           | map hash: key: a whole number is needed
            [{"map": "hash", "entries": [{"key": 4294967296, "value": 1}]}]    | map hash: key: 4294967296 does not fit 4 bytes (EINVAL)
            [{"map": "hash", "entries": [{"key": "zz", "value": 1}]}]          | map hash: key: a whole number is needed
            [{"map": "hash", "entries": [{"key": [256,0,0,0], "value": 1}]}]   | map hash: key: byte 0 is no number from 0 to 255
            [{"map": "hash", "entries": [{"key": null, "value": 1}]}]          | map hash: key: a whole number is needed
            [{"map": "hash", "entries": [{"kee": 1}]}]                         | an entry has a key and a value, not "kee"
            [{"map": "array", "entries": [{"key": 4, "value": 1}]}]            | (E2BIG)
            [{"map": "percpu", "entries": [{"key": 0, "value": ["00000000"]}]}] | map percpu: value: has 1 bytes, not 4
            [{"map": "percpu", "entries": [{"key": 0, "value": [1, "x"]}]}]    | map percpu: value: CPU 1: a whole number is needed
            [{"map": "hash", "entries": [{"key": 1, "value": {"a": [}}]}]      | malformed JSON
            [{"map": "hash", "entries": [{"key": 1, "value": [1,               | End of input
            """)
    void refuses(String json, String reason) {
        CommandException e = assertThrows(CommandException.class, () -> fill(json));
        assertEquals(true, e.getMessage().startsWith("file: $") && e.getMessage().contains(reason), e.getMessage());
        assertEquals(1, e.exitStatus());
        assertEquals(1, e.getMessage().lines().count());
    }

    /** Maps of types.c. */
    private static final String TYPED = """
            [
             {"map": "flows", "entries": [
              {"key": {"source": {"family": 4, "v6": "7f000001000000000000000000000000"}, \
            "destination": {"family": 6, "v6": "20010db8000000000000000000000001"}, "ports": [443, 50000], "protocol": 6, "urgency": -3, \
            "spread": 35184372088831, "fragment": true, "state": "BROKEN"}, "value": \
            {"total": 340282366920938463463374607431768211455, "balance": -1, "packets": 18446744073709551615, "offset": -9223372036854775808, \
            "name": "eth<0>", "letter": 120, "active": true, "state": 5, "mask": "TOP", "wide": "HUGE", "ratio": 0.1, "average": "000000000000f87f", \
            "owner": 0, "history": [1, 2, 65535], "steps": [{"level": -1, "length": 1500}, {"level": 127, "length": 9000}], "serial": 1}}]},
             {"map": "numbers", "entries": [
              {"key": 2, "value": {"whole": 7}}]},
             {"map": "counters", "entries": [
              {"key": "OPEN", "value": [1, 18446744073709551615]},
              {"key": "BROKEN", "value": [3, 3]}]},
             {"map": "names", "entries": [
              {"value": "cafe"},
              {"value": "00ff0000000000000000000000000000"}]},
             {"map": "plain", "entries": [
              {"key": "07000000", "value": "000102030405060708090a0b"}]}
            ]
            """;

    private static BpfMap typedMap(ObjectSpec object, String name) {
        MapSpec map = object.map(name).orElseThrow();
        MapDefinition definition = new MapDefinition(name, MapKind.of(map.type()), map.keySize(), map.valueSize(), map.maxEntries(), 0);
        return MapFactory.create(definition, 1, 2, BtfCodec.of(object.btf(), map.keyType(), map.keySize()),
                BtfCodec.of(object.btf(), map.valueType(), map.valueSize()));
    }

    private static List<BpfMap> typedMaps() throws IOException {
        try (InputStream stream = MapFileTest.class.getResourceAsStream("/objects/types.o")) {
            ObjectSpec object = ObjectLoader.load(stream.readAllBytes(), LoadOptions.defaults());
            return Stream.of("flows", "numbers", "counters", "names", "plain").map(name -> typedMap(object, name)).toList();
        } catch (MalformedObjectException e) {
            throw new AssertionError(e);
        }
    }

    private static String filled(String json) throws IOException {
        List<BpfMap> typed = typedMaps();
        try {
            new MapFile(typed).fill("file", json.getBytes(StandardCharsets.UTF_8));
            return dump(typed);
        } finally {
            typed.forEach(BpfMap::close);
        }
    }

    @Test
    void writesAndReadsTypes() throws IOException {
        assertEquals(TYPED, filled(TYPED));
        String ipv4 = TYPED.replace("\"v6\": \"7f000001000000000000000000000000\"", "\"v4\": 2130706433");
        assertNotEquals(TYPED, ipv4);
        assertEquals(TYPED, filled(ipv4));
    }

    @Test
    void readsHexadecimalDigitsForEveryType() throws IOException {
        String other = TYPED.replace("{\"key\": 2, \"value\": {\"whole\": 7}}", "{\"key\": \"02000000\", \"value\": \"07 00 00 00\"}")
                .replace("{\"key\": \"BROKEN\", \"value\": [3, 3]}", "{\"key\": \"f9ffffff\", \"value\": \"0300000000000000\"}")
                .replace("\"cafe\"", "\"63616665000000000000000000000000\"");
        assertNotEquals(TYPED, other);
        assertEquals(TYPED, filled(other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            "history": [1, 2, 65535] | "history": [1, 2, 65536] | map flows: value: history[2]: takes a whole number from 0 to 65535, not 65536
            "protocol": 6,           |                          | map flows: key: protocol: is missing: takes a whole number from 0 to 255
            {"whole": 7}             | {"whole": 7, "broken": 1} | map numbers: value: takes exactly one of whole, broken, halves, not whole, broken
            [3, 3]                   | [3, -3]  | map counters: value: CPU 1: takes a whole number from 0 to 18446744073709551615, not -3
            [3, 3]                   | [3]      | map counters: value: takes a whole number from 0 to 18446744073709551615, not an array of 1
            "BROKEN", "value"        | "WHOLE", "value"         | map counters: key: takes CLOSED, OPEN, BROKEN, or a whole number from -2147483648
            """)
    void refusesOtherTypes(String part, String replacement, String reason) {
        String json = TYPED.replace(part, replacement == null ? "" : replacement);
        CommandException e = assertThrows(CommandException.class, () -> filled(json));
        assertTrue(e.getMessage().startsWith("file: $[") && e.getMessage().contains(reason), e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
    }

    /** Numbers of programs may differ from one instance to the next, names do not. */
    @Test
    void writesProgramsByName() throws IOException {
        References programs = new References() {
            @Override
            public String programName(int id) {
                return id == 7 ? "deed" : null;
            }

            @Override
            public int program(Object value) {
                try {
                    return InteropLibrary.getUncached().asString(value).equals("deed") ? 7 : 0;
                } catch (UnsupportedMessageException e) {
                    return 0;
                }
            }
        };
        MapDefinition definition = new MapDefinition("calls", MapKind.PROG_ARRAY, 4, 4, 4, 0);
        try (BpfMap calls = MapFactory.create(definition, 1, 2, Codec.untyped(4), Codec.untyped(4), 0, programs)) {
            String json = "[\n {\"map\": \"calls\", \"entries\": [\n  {\"key\": \"01000000\", \"value\": \"deed\"}]}\n]\n";
            new MapFile(List.of(calls)).fill("file", json.replace("deed", "07000000").getBytes(StandardCharsets.UTF_8));
            assertEquals(json, dump(List.of(calls)));
        }
    }
}
