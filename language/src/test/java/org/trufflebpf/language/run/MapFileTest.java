package org.trufflebpf.language.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapDefinition;
import org.trufflebpf.maps.MapFactory;
import org.trufflebpf.maps.MapKind;

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
        StringWriter writer = new StringWriter();
        new MapFile(maps).write(writer);
        return writer.toString();
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
            {}                                                                 | Expected BEGIN_ARRAY but was BEGIN_OBJECT
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
}
