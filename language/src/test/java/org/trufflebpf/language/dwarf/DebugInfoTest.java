package org.trufflebpf.language.dwarf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.language.btf.BtfType;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.ObjectLoader;

/** What clang says of the variables of variables.c, instruction by instruction as llvm-objdump lists them, and what broken sections do. */
class DebugInfoTest {
    private static final Path OBJECTS = Path.of("src/test/resources/objects");
    /** What count uses of its stack frame. */
    private static final int FRAME = 24;
    /** A register holds its number everywhere, and memory its address's lowest byte. */
    private static final Machine MACHINE = new Machine() {
        @Override
        public long register(int number) {
            return 0x0101_0101_0101_0101L * number;
        }

        @Override
        public byte[] read(long address, int size) {
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (address + i);
            }
            return bytes;
        }
    };

    private static DwarfSections sections;
    private static DebugInfo info;

    @BeforeAll
    static void load() throws IOException, MalformedObjectException, MalformedDwarfException {
        sections = ObjectLoader.load(Files.readAllBytes(OBJECTS.resolve("variables.o")), LoadOptions.defaults()).debug();
        info = DebugInfo.read(sections);
    }

    private static String text(List<DebugInfo.Scope> scopes) {
        return scopes.stream().map(scope -> scope.function() + ":" + scope.variables().stream().map(variable -> {
            byte[] value = variable.value(MACHINE);
            return " " + variable.name() + "=" + (value == null ? "-" : HexFormat.of().formatHex(value));
        }).collect(Collectors.joining())).collect(Collectors.joining(" | "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            count; 0;  count: ctx=0101010101010101
            count; 7;  eth=0101010101010101
            count; 7;  end=0202020202020202
            count; 18; parse: ip=0f01010101010101
            count; 18; bytes=-
            count; 31; bytes=
            count; 28; packets=0606060606060606
            weigh; 0;  weigh: bytes=01010101 weight=0100000000000000
            weigh; 6;  i=03030303
            weigh; 6;  weight=0000000000000000
            count; 26; flow=fafbfcfd
            """)
    void variablesAreWhereTheCompilerPutThem(String function, int slot, String part) {
        String seen = text(info.scopesAt(function, slot, FRAME));
        assertTrue(seen.contains(part), seen);
    }

    @Test
    void inlinedFunctionsAreInsideTheirCallers() {
        assertEquals(List.of("parse", "count"), info.scopesAt("count", 18, FRAME).stream().map(DebugInfo.Scope::function).toList());
        assertEquals(List.of("count"), info.scopesAt("count", 2, FRAME).stream().map(DebugInfo.Scope::function).toList());
        assertEquals(List.of(), info.scopesAt("nothing", 0, FRAME));
        assertEquals(List.of("weigh"), info.scopesAt("weigh", 4000, FRAME).stream().map(DebugInfo.Scope::function).toList());
    }

    @Test
    void typesAreThoseOfTheSource() {
        DebugInfo.Variable ip = info.scopesAt("count", 18, FRAME).getFirst().variables().stream().filter(variable -> variable.name().equals("ip")).findFirst().orElseThrow();
        BtfType.Pointer pointer = assertInstanceOf(BtfType.Pointer.class, info.types().resolve(ip.type()));
        BtfType.Composite struct = assertInstanceOf(BtfType.Composite.class, info.types().resolve(pointer.target()));
        assertEquals("ip", struct.name());
        assertEquals(List.of("words", "version", "service", "length", "rest", "source", "destination"),
                        struct.members().stream().map(BtfType.Member::name).toList());
        assertEquals(new BtfType.Member("version", struct.members().getFirst().type(), 4, 4), struct.members().get(1));
        assertEquals(20, struct.size());
        DebugInfo.Variable flow = info.scopesAt("count", 26, FRAME).getFirst().variables().stream().filter(variable -> variable.name().equals("flow")).findFirst().orElseThrow();
        BtfType.Composite key = assertInstanceOf(BtfType.Composite.class, info.types().resolve(flow.type()));
        BtfType.Enumeration direction = assertInstanceOf(BtfType.Enumeration.class, info.types().resolve(key.members().get(2).type()));
        assertEquals(List.of("IN", "OUT"), direction.values().stream().map(BtfType.Enumerator::name).toList());
    }

    @Test
    void strippedFilesHaveNone() throws IOException, MalformedObjectException {
        assertNull(ObjectLoader.load(Files.readAllBytes(OBJECTS.resolve("programs.o")), LoadOptions.defaults()).debug());
    }

    @Test
    void memoryThatMayNotBeReadHasNoValue() {
        Machine blind = new Machine() {
            @Override
            public long register(int number) {
                return -1;
            }

            @Override
            public byte[] read(long address, int size) {
                return null;
            }
        };
        for (DebugInfo.Variable variable : info.scopesAt("count", 26, FRAME).getLast().variables()) {
            if (variable.name().equals("flow")) {
                assertNull(variable.value(blind));
            }
        }
    }

    /** Whatever the bytes are, reading ends soon, with variables or with the one exception. */
    @Test
    void brokenSectionsAreRefusedQuickly() throws MalformedDwarfException {
        int read = 0;
        for (int seed = 0; seed < 4000; seed++) {
            Random random = new Random(seed);
            byte[][] all = {sections.info().clone(), sections.abbreviations().clone(), sections.strings().clone(), sections.lineStrings().clone(),
                            sections.stringOffsets().clone(), sections.addresses().clone(), sections.locations().clone(), sections.ranges().clone()};
            for (int change = random.nextInt(1, 6); change > 0; change--) {
                int which = random.nextInt(all.length);
                if (random.nextInt(8) == 0) {
                    all[which] = Arrays.copyOf(all[which], random.nextInt(all[which].length + 1));
                } else if (all[which].length > 0) {
                    all[which][random.nextInt(all[which].length)] = (byte) random.nextInt();
                }
            }
            read += assertTimeoutPreemptively(Duration.ofSeconds(10), () -> seen(all)) ? 1 : 0;
        }
        assertTrue(read > 400, read + " were read");
    }

    private static boolean seen(byte[][] all) {
        try {
            DebugInfo mutant = DebugInfo.read(new DwarfSections(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]));
            for (int slot = 0; slot < 48; slot += 3) {
                assertNotNull(text(mutant.scopesAt("count", slot, FRAME)) + text(mutant.scopesAt("weigh", slot, FRAME)));
            }
            return true;
        } catch (MalformedDwarfException e) {
            assertEquals(1, e.getMessage().lines().count());
            return false;
        }
    }
}
