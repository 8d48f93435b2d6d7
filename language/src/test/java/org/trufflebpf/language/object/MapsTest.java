package org.trufflebpf.language.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.language.btf.BtfPrinter;
import org.trufflebpf.language.btf.BtfType;

/** Maps of every notation, and data sections. */
class MapsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            programs.o | flows           |  9 |  12 |  24 |       1024 |   2 | 0 | BY_NAME | BTF
            programs.o | seen            | 30 |   0 |   4 |        100 |   0 | 3 | NONE    | BTF
            programs.o | plain           |  2 |   4 |  16 |          1 |   0 | 0 | NONE    | BTF
            programs.o | .rodata         |  2 |   4 |   4 |          1 | 128 | 0 | NONE    | DATA
            programs.o | .rodata.config  |  2 |   4 |   4 |          1 | 128 | 0 | NONE    | DATA
            programs.o | .data           |  2 |   4 |  16 |          1 |   0 | 0 | NONE    | DATA
            programs.o | .bss            |  2 |   4 |   8 |          1 |   0 | 0 | NONE    | DATA
            programs.o | .bss.scratch    |  2 |   4 |  64 |          1 |   0 | 0 | NONE    | DATA
            values.o   | outer           | 12 |   4 |   4 |          4 |   0 | 0 | NONE    | BTF
            values.o   | filled_later    | 13 |   4 |   4 |          4 |   0 | 0 | NONE    | BTF
            values.o   | targets         |  3 |   4 |   4 |          5 |   0 | 0 | NONE    | BTF
            legacy20.o | annotated       |  1 |   4 |   8 |         10 |   1 | 0 | NONE    | LEGACY
            legacy20.o | plain           |  2 |   4 | 260 | 2147483648 |   0 | 0 | NONE    | LEGACY
            legacy28.o | inner           |  9 |  40 |  16 |       1000 |   0 | 0 | NONE    | LEGACY
            legacy28.o | outer           | 12 |   4 |   4 |         64 |   0 | 0 | NONE    | LEGACY
            iproute2.o | jumps           |  3 |   4 |   4 |         32 |   0 | 0 | NONE    | IPROUTE2
            iproute2.o | records         |  1 | 260 |   8 |      65536 |   1 | 0 | GLOBAL  | IPROUTE2
            iproute2.o | outer           | 12 |   4 |   4 |          8 |   0 | 0 | OBJECT  | IPROUTE2
            kconfig.o  | .kconfig        |  2 |   4 |  40 |          1 | 128 | 0 | NONE    | KCONFIG
            """)
    void definitions(String object, String name, int type, int keySize, int valueSize, long maxEntries, int flags, long extra,
            MapSpec.Pinning pinning, MapSpec.Origin origin) {
        MapSpec map = TestObjects.load(object).map(name).orElseThrow();
        assertEquals(new MapSpec(name, type, keySize, valueSize, maxEntries, flags, extra, pinning, map.keyType(), map.valueType(), map.inner(),
                map.values(), map.contents(), origin), map);
    }

    @Test
    void innerMapsAreTemplates() {
        MapSpec ofTypes = TestObjects.load("values.o").map("outer").orElseThrow().inner();
        assertEquals("1 4 8 8", ofTypes.type() + " " + ofTypes.keySize() + " " + ofTypes.valueSize() + " " + ofTypes.maxEntries());
        assertNull(TestObjects.load("values.o").map("filled_later").orElseThrow().inner());
        assertEquals("inner", TestObjects.load("legacy28.o").map("outer").orElseThrow().inner().name());
        assertEquals("inner", TestObjects.load("iproute2.o").map("outer").orElseThrow().inner().name());
    }

    @Test
    void slotsAreFilledFromTheStart() {
        ObjectSpec object = TestObjects.load("values.o");
        assertEquals(Map.of(0, "inner_b", 2, "inner_a"), object.map("outer").orElseThrow().values());
        assertEquals(Map.of(1, "target_a", 4, "target_b"), object.map("targets").orElseThrow().values());
        assertEquals(Map.of(), object.map("filled_later").orElseThrow().values());
        ObjectSpec iproute2 = TestObjects.load("iproute2.o");
        assertEquals(Map.of(3, "inner"), iproute2.map("outer").orElseThrow().values());
        assertEquals(Map.of(16, "tail", 15, "other_tail"), iproute2.map("jumps").orElseThrow().values());
    }

    @ParameterizedTest
    @CsvSource({"programs.o, flows, struct flow, struct counters", "values.o, inner_a, __u32, __u64", "legacy20.o, annotated, __u32, struct pair"})
    void typesOfKeysAndValues(String object, String name, String key, String value) {
        ObjectSpec loaded = TestObjects.load(object);
        MapSpec map = loaded.map(name).orElseThrow();
        BtfPrinter printer = new BtfPrinter(loaded.btf());
        assertEquals(key, printer.declaration(map.keyType(), ""));
        assertEquals(value, printer.declaration(map.valueType(), ""));
    }

    @ParameterizedTest
    @CsvSource({".rodata, dc050000", ".rodata.config, 01020304", ".data, 01000000000000008877665544332211", ".bss, ''", ".bss.scratch, ''"})
    void contentsOfDataSections(String name, String contents) {
        MapSpec map = TestObjects.load("programs.o").map(name).orElseThrow();
        assertEquals(contents, HexFormat.of().formatHex(map.contents()));
    }

    @Test
    void variablesOfDataSectionsHaveTheirPlaces() {
        ObjectSpec object = TestObjects.load("programs.o");
        BtfType.DataSection section = (BtfType.DataSection) object.btf().type(object.map(".data").orElseThrow().valueType());
        assertEquals(16, section.size());
        assertEquals("enabled 0 4, second 8 8", String.join(", ", section.variables().stream()
                .map(place -> object.btf().type(place.variable()).name() + " " + place.offset() + " " + place.size()).toList()));
    }

    @Test
    void externsOfTheKernelsConfigurationHaveTheirValues() {
        ObjectSpec object = TestObjects.load("kconfig.o");
        MapSpec map = object.map(".kconfig").orElseThrow();
        BtfType.DataSection section = (BtfType.DataSection) object.btf().type(map.valueType());
        StringBuilder values = new StringBuilder();
        for (BtfType.Placement place : section.variables()) {
            values.append(object.btf().type(place.variable()).name()).append(' ')
                    .append(HexFormat.of().formatHex(map.contents(), (int) place.offset(), (int) (place.offset() + place.size()))).append('\n');
        }
        assertEquals("""
                LINUX_KERNEL_VERSION 00120600
                CONFIG_HZ fa000000
                CONFIG_BPF_JIT 01
                CONFIG_VETH 02000000
                CONFIG_LETTER 6e
                CONFIG_DEFAULT_HOSTNAME 66617220746f6f00
                CONFIG_MISSING 0000000000000000
                """, values.toString());
        assertArrayEquals(new int[] {0, 4, 8, 12, 16, 17, 32}, section.variables().stream().mapToInt(place -> (int) place.offset()).toArray());
    }

    @ParameterizedTest
    @CsvSource({"CONFIG_HZ, 0xffffffff", "CONFIG_HZ, y", "CONFIG_HZ, ''", "CONFIG_BPF_JIT, m", "CONFIG_BPF_JIT, 1", "CONFIG_VETH, 3",
        "CONFIG_LETTER, 256", "CONFIG_DEFAULT_HOSTNAME, none"})
    void valuesThatDoNotFitTheirTypeAreErrors(String name, String value) {
        Map<String, String> config = new HashMap<>(TestObjects.CONFIG);
        config.put(name, value);
        MalformedObjectException error = assertThrows(MalformedObjectException.class,
                () -> ObjectLoader.load(TestObjects.bytes("kconfig.o"), new LoadOptions(null, config, Set.of())));
        assertEquals("the value '" + value + "' of " + name + " does not fit the type that the program declares", error.getMessage());
    }
}
