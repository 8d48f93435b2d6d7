package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.tests.safety.GuardedProgram.Outcome;

/** The attacks of hostile.txt: each does what is written there, interpreted and compiled, again and again, and harms nothing. */
class HostileProgramsTest {
    private static final long LOOP_ITERATIONS = 100_000;
    private static final int RUNS = 3;

    private enum Expected {
        REJECTED, TRAPPED, RETURNS
    }

    @TestFactory
    Stream<DynamicTest> attacks() throws IOException {
        String text;
        try (InputStream input = HostileProgramsTest.class.getResourceAsStream("/safety/hostile.txt")) {
            text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> blocks = Arrays.stream(text.split("(?m)^== ")).skip(1).toList();
        assertTrue(blocks.size() > 40, blocks.size() + " programs");
        return blocks.stream().map(block -> {
            String[] lines = block.split("\n", 2);
            String[] title = lines[0].split(" => ", 2);
            return DynamicTest.dynamicTest(title[0], () -> check(title[1], lines[1]));
        });
    }

    private static void check(String expectation, String program) throws AssemblyException {
        Expected expected = Expected.valueOf(expectation.split("[: ]", 2)[0].toUpperCase());
        String detail = expectation.substring(expected.name().length()).replaceFirst("^:? ", "");
        ObjectSpec object = Assembler.assemble("hostile.s", ".license GPL\n" + program);
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS)) {
            if (expected == Expected.REJECTED) {
                EbpfException rejection = assertThrows(EbpfException.class, () -> new GuardedProgram(object, "main").close());
                assertEquals(EbpfException.Failure.REJECTED, rejection.failure());
                assertTrue(rejection.getMessage().contains(detail), rejection.getMessage());
            } else {
                run(context, object, expected, detail, false);
                run(context, object, expected, detail, true);
            }
        }
    }

    private static void run(EnteredContext context, ObjectSpec object, Expected expected, String detail, boolean compile) {
        byte[] packet = new byte[64];
        Arrays.fill(packet, (byte) 1);
        context.forgetErrors();
        try (GuardedProgram program = new GuardedProgram(object, "main")) {
            if (compile) {
                program.compile();
            }
            for (int i = 0; i < RUNS; i++) {
                Outcome outcome = program.run(packet);
                if (expected == Expected.RETURNS) {
                    assertFalse(outcome.trapped(), context.errors().toString());
                    assertEquals(Integer.parseUnsignedInt(detail), outcome.result());
                } else {
                    assertTrue(outcome.trapped(), outcome.toString());
                    assertEquals(0, outcome.result());
                }
            }
        }
        List<String> reports = context.errors();
        if (expected == Expected.TRAPPED) {
            assertEquals(1, reports.size(), reports.toString());
            if (!reports.getFirst().contains(detail)) {
                fail(reports.getFirst());
            }
        } else {
            assertEquals(List.of(), reports);
        }
    }
}
