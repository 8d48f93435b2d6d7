package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.MapSpec.Origin;
import org.trufflebpf.language.object.MapSpec.Pinning;
import org.trufflebpf.language.object.ObjectSpec;

/** Which maps a program is found to write; the form of the data is said where it begins. */
class MapWritesTest {
    private static final int HASH = 1;
    private static final int ARRAY = 2;
    private static final int ARRAY_OF_MAPS = 12;
    private static final int RINGBUF = 27;
    private static final String DIRECTIVES = """
            .map h hash 4 64 16
            .map a array 4 64 4
            .map b array 4 64 4
            .map g array 4 64 1
            .map s array 4 64 1
            .map outer 12 4 4 4
            .map ring ringbuf 0 0 4096
            .map flow hash 4 64 16
            """;

    private static final Map<String, MapSpec> MAPS = Map.of("h", MapSpec.of("h", HASH, 4, 64, 16), "a", MapSpec.of("a", ARRAY, 4, 64, 4),
                    "b", MapSpec.of("b", ARRAY, 4, 64, 4), "g", MapSpec.of("g", ARRAY, 4, 64, 1), "s", MapSpec.of("s", ARRAY, 4, 64, 1),
                    "outer", special("outer", ARRAY_OF_MAPS, 4, MapSpec.of("", ARRAY, 4, 64, 4), MapSpec.ABSENT),
                    "ring", MapSpec.of("ring", RINGBUF, 0, 0, 4096), "flow", special("flow", HASH, 64, null, 0));

    record Row(String program, String expected) {
        @Override
        public String toString() {
            return program;
        }
    }

    private static MapSpec special(String name, int type, int valueSize, MapSpec inner, int timer) {
        return new MapSpec(name, type, 4, valueSize, 16, 0, 0, Pinning.NONE, 0, 0, inner, Map.of(), null, Origin.GIVEN, MapSpec.ABSENT, timer);
    }

    static List<Row> rows() {
        return Rows.of(MapWritesTest.class, "mapwrites.txt").stream().map(row -> {
            int arrow = row.lastIndexOf("=>");
            return new Row(row.substring(0, arrow).strip(), row.substring(arrow + 2).strip());
        }).toList();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void findsAllWrites(Row row) throws RejectedException {
        ObjectSpec object = VerifierTest.assemble(DIRECTIVES + row.program);
        VerifiedProgram program = Verifier.verify(object.programs().getFirst(), Entry.XDP, MAPS::get);
        MapWrites writes = MapWrites.of(program);
        MapTable table = program.analysis().maps();
        assertEquals(row.expected, (names("elements", writes.elements(), table) + names("values", writes.values(), table) +
                        (writes.anywhere() ? " anywhere" : "")).strip());
    }

    private static String names(String what, long set, MapTable table) {
        TreeSet<String> names = new TreeSet<>();
        for (long rest = set; rest != 0; rest &= rest - 1) {
            names.add(table.nameOf(Long.numberOfTrailingZeros(rest)));
        }
        return names.isEmpty() ? "" : " " + what + " " + String.join(" ", names);
    }
}
