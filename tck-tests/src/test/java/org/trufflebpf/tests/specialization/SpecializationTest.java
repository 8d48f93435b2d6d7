package org.trufflebpf.tests.specialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.tests.Project;
import org.trufflebpf.tests.safety.EnteredContext;

/** What is folded, and that what programs do is always what their maps say at the time. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SAME_THREAD)
class SpecializationTest {
    /** Returns the value at a constant index of an array that it only reads. */
    private static final String CONFIG = """
            .map config array 4 8 4
            main: *(u32 *)(r10 - 4) = 2
                r1 = config ll
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r0 = *(u32 *)(r0 + 0)
            out: exit
            """;
    /** Looks the packet's first four bytes up in a hash, and returns its value or 1000. */
    private static final String TABLE = """
            .map table hash 4 8 1024
            main: r6 = *(u32 *)(r1 + 0)
                r7 = *(u32 *)(r1 + 4)
                r0 = 2000
                r2 = r6
                r2 += 4
                if r2 > r7 goto out
                r1 = *(u32 *)(r6 + 0)
                *(u32 *)(r10 - 4) = r1
                r1 = table ll
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto none
                r0 = *(u32 *)(r0 + 0)
                exit
            none: r0 = 1000
            out: exit
            """;

    private static EnteredContext context;

    @BeforeAll
    static void enter() {
        context = new EnteredContext(1000);
    }

    @AfterAll
    static void leave() {
        context.close();
    }

    private static void awaitVariant(SpecializedProgram program, long published) throws InterruptedException {
        SpecializedProgram.await(() -> program.statistics().published() >= published, "variant " + published);
    }

    @Test
    void valuesAreConstantsUntilTheyAreWritten() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(CONFIG)) {
            program.put("config", 2, 7);
            assertTrue(program.specialize());
            assertEquals(List.of("map config has constant values"), program.statistics().folded());
            assertEquals(7, program.run());
            program.put("config", 2, 8);
            assertEquals(8, program.run());
            assertEquals(1, program.statistics().withdrawn());
            awaitVariant(program, 2);
            assertEquals(8, program.run());
            program.put("config", 2, 9);
            assertEquals(9, program.run());
        }
    }

    /** Where the value is 7, one piece is left of the program; and where that is no longer so, its parts go on. */
    @Test
    void aProgramInPartsMayHaveAVariantInOne() throws Exception {
        String config = CONFIG.replace("out: exit", "    if r0 == 7 goto out\n" + "    r0 += 1\n".repeat(40) + "    if r0 > 1000 goto out\n    r0 += 1\nout: exit");
        try (EnteredContext inParts = new EnteredContext(1000, Map.of("ebpf.PartLimit", "60"));
                SpecializedProgram program = new SpecializedProgram(config)) {
            assertEquals(2, NodeBuilder.parts(program.program().target()).size());
            program.put("config", 2, 7);
            assertTrue(program.specialize());
            assertEquals(7, program.run());
            program.put("config", 2, 8);
            assertEquals(49, program.run());
            assertEquals(1, program.statistics().withdrawn());
            awaitVariant(program, 2);
            assertEquals(49, program.run());
            program.put("config", 2, 2000);
            assertEquals(2040, program.run());
        }
    }

    @Test
    void emptyMapsFindNothingAndFewKeysAreCompared() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(TABLE)) {
            assertTrue(program.specialize());
            assertEquals(List.of("map table is empty"), program.statistics().folded());
            assertEquals(1000, program.run(SpecializedProgram.bytes(5)));
            for (int key = 1; key <= 8; key++) {
                program.put("table", key, 10 * key);
                for (int other = 0; other <= 9; other++) {
                    assertEquals(other >= 1 && other <= key ? 10 * other : 1000, program.run(SpecializedProgram.bytes(other)));
                }
            }
            awaitVariant(program, 2);
            assertEquals(List.of("map table has few keys, 8"), program.statistics().folded());
            for (int other = 0; other <= 9; other++) {
                assertEquals(other >= 1 && other <= 8 ? 10 * other : 1000, program.run(SpecializedProgram.bytes(other)));
            }
            assertTrue(program.map("table").remove(SpecializedProgram.bytes(4)));
            assertEquals(1000, program.run(SpecializedProgram.bytes(4)));
            assertEquals(30, program.run(SpecializedProgram.bytes(3)));
        }
    }

    /** Of which the control plane adds, replaces and takes out some. */
    @Test
    void manyKeysHavePlacesOfTheirOwn() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(TABLE)) {
            for (int key = 1; key <= 17; key++) {
                program.put("table", key, key);
            }
            assertTrue(program.specialize());
            assertEquals(List.of("map table has 17 keys with a place of their own each"), program.statistics().folded());
            for (int key = 0; key <= 18; key++) {
                assertEquals(key >= 1 && key <= 17 ? key : 1000, program.run(SpecializedProgram.bytes(key)));
            }
            program.put("table", 18, 18);
            assertEquals(18, program.run(SpecializedProgram.bytes(18)));
            program.put("table", 17, 27);
            assertEquals(27, program.run(SpecializedProgram.bytes(17)));
            assertTrue(program.map("table").remove(SpecializedProgram.bytes(3)));
            assertEquals(1000, program.run(SpecializedProgram.bytes(3)));
            program.put("table", 3, 33);
            List<String> all = List.of("map table has 18 keys with a place of their own each");
            SpecializedProgram.await(() -> program.statistics().folded().equals(all), "a variant with all keys");
            assertEquals(List.of(33, 16, 27, 18, 1000), IntStream.of(3, 16, 17, 18, 19).mapToObj(key -> program.run(SpecializedProgram.bytes(key)))
                    .toList());
        }
    }

    @Test
    void largeTablesStayTables() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(TABLE)) {
            for (int key = 1; key <= 513; key++) {
                program.put("table", key, key);
            }
            assertFalse(program.specialize());
            assertEquals(513, program.run(SpecializedProgram.bytes(513)));
        }
    }

    @Test
    void anotherProgramThatWritesEndsIt() throws Exception {
        ObjectSpec object = assemble(".program main\n" + CONFIG.replace(".map config array 4 8 4\n", "") + """
                .program writer
                    r6 = *(u32 *)(r1 + 12)
                    *(u32 *)(r10 - 4) = 2
                    *(u64 *)(r10 - 16) = 77
                    r1 = config ll
                    r2 = r10
                    r2 += -4
                    r3 = r10
                    r3 += -16
                    r4 = 0
                    call bpf_map_update_elem
                    exit
                """, ".map config array 4 8 4\n");
        try (SpecializedProgram program = new SpecializedProgram(object, "main")) {
            program.put("config", 2, 7);
            assertTrue(program.specialize());
            assertEquals(7, program.run());
            assertEquals(0, program.instance().program("writer").singlePackets().run(new byte[0]).result());
            assertEquals(77, program.run());
            assertFalse(program.specialize(), "a map that another program writes");
            assertEquals(1, program.statistics().withdrawn());
        }
    }

    @Test
    void callsThatConstantsPutOutOfReachTrapOnceTheyDoNot() throws Exception {
        ObjectSpec object = EbpfContext.machine().parse("constants.o", Files.readAllBytes(Project.TEST_PROGRAMS.resolve("maps/constants.o")));
        try (SpecializedProgram program = new SpecializedProgram(object, "constants")) {
            assertTrue(program.specialize());
            assertEquals(List.of("map .rodata has constant values"), program.statistics().folded());
            assertEquals(2, program.run(new byte[64]));
            byte[] constants = program.map(".rodata").get(new byte[4]);
            constants[0] = 1; // wanted
            context.forgetErrors();
            program.put(".rodata", new byte[4], constants);
            long traps = program.program().traps();
            for (int variant = 2; variant <= 4; variant++) {
                assertEquals(0, program.run(new byte[64]));
                awaitVariant(program, variant);
                program.put(".rodata", new byte[4], constants);
            }
            assertEquals(traps + 3, program.program().traps());
            assertEquals(1, context.errors().size(), context.errors()::toString);
            assertTrue(context.errors().getFirst().contains("calls helper #9999, which no kernel has"), context.errors().getFirst());
        }
    }

    private static ObjectSpec assemble(String programs, String maps) throws AssemblyException {
        return Assembler.assemble("test.s", maps + programs);
    }

    @Test
    void whoWritesOftenLosesOnlyTheSpecialization() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(CONFIG)) {
            assertTrue(program.specialize());
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
            int value = 0;
            // Ten times a second: never quiet for long enough.
            while (System.nanoTime() - end < 0) {
                program.put("config", 2, ++value);
                assertEquals(value, program.run());
                Thread.sleep(100);
            }
            assertEquals(1, program.statistics().published());
            awaitVariant(program, 2);
            assertEquals(value, program.run());
        }
    }

    @Test
    void whoWritesEverySecondIsWaitedForTwiceAsLongEachTime() throws Exception {
        try (SpecializedProgram program = new SpecializedProgram(CONFIG)) {
            assertTrue(program.specialize());
            for (int value = 1; value <= 6; value++) {
                program.put("config", 2, value);
                assertEquals(value, program.run());
                Thread.sleep(1000);
            }
            assertTrue(program.statistics().published() <= 3, program.statistics()::toString);
        }
    }
}
