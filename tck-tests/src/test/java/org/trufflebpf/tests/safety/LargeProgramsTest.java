package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.runtime.EbpfException;

/** Programs made to be hard to analyse: each is rejected or runs, within seconds. */
class LargeProgramsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int LOOP_ITERATIONS = 100_000;

    /** Parts that a packet comes through thousands of times would be compiled, each of them quickly enough, but not all together. */
    private static final Map<String, String> INTERPRETED = Map.of("engine.Compilation", "false");

    @TestFactory
    Stream<DynamicTest> endSoon() {
        return Stream.of(test("a branch at each instruction", LargeProgramsTest::branches),
                test("loops nested by the thousand", LargeProgramsTest::nestedLoops),
                test("maps that go round all registers and words", LargeProgramsTest::rotatingMaps),
                test("calls that unfold to more than any limit", LargeProgramsTest::callTree),
                test("jumps to and fro", LargeProgramsTest::disorder),
                test("bounds that creep", LargeProgramsTest::creepingBounds));
    }

    private static DynamicTest test(String name, Supplier<String> program) {
        return DynamicTest.dynamicTest(name, () -> {
            ObjectSpec object = Assembler.assemble("large.s", ".license GPL\n" + program.get());
            assertTimeoutPreemptively(LIMIT, () -> {
                try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS, INTERPRETED); GuardedProgram guarded = new GuardedProgram(object, "main")) {
                    guarded.run(new byte[64]);
                } catch (EbpfException e) {
                    assertEquals(EbpfException.Failure.REJECTED, e.failure(), e.getMessage());
                }
            });
        });
    }

    private static String branches() {
        StringBuilder text = new StringBuilder("main: r0 = *(u32 *)(r1 + 12)\n");
        for (int i = 0; i < 30_000; i++) {
            text.append("if r0 == ").append(i).append(" goto +1\nr0 += 1\n");
        }
        return text.append("exit\n").toString();
    }

    private static String nestedLoops() {
        int depth = 4000;
        StringBuilder text = new StringBuilder("main: r6 = *(u32 *)(r1 + 12)\nr0 = 0\n");
        for (int i = 0; i < depth; i++) {
            text.append("l").append(i).append(": r0 += 1\n");
        }
        for (int i = depth - 1; i >= 0; i--) {
            text.append("r6 += 3\nif r0 < ").append(i).append(" goto l").append(i).append('\n');
        }
        return text.append("exit\n").toString();
    }

    private static String rotatingMaps() {
        StringBuilder text = new StringBuilder();
        for (int map = 0; map < 64; map++) {
            text.append(".map m").append(map).append(" hash 8 8 4\n");
        }
        text.append("main: r9 = *(u32 *)(r1 + 12)\nr0 = 0\nr6 = 0\nr7 = 0\nr8 = 0\n");
        text.append("again:\n");
        for (int word = 64; word > 1; word--) {
            text.append("r2 = *(u64 *)(r10 - ").append(8 * word - 8).append(")\n*(u64 *)(r10 - ").append(8 * word).append(") = r2\n");
        }
        for (int map = 0; map < 64; map++) {
            text.append("if r9 != ").append(map).append(" goto +3\nr2 = m").append(map).append(" ll\n*(u64 *)(r10 - 8) = r2\nr9 += 1\n");
        }
        return text.append("if r9 != 1000000 goto again\nexit\n").toString();
    }

    private static String callTree() {
        StringBuilder text = new StringBuilder("main: r0 = *(u32 *)(r1 + 12)\nr6 = r0\n");
        for (int function = 0; function < 8; function++) {
            if (function > 0) {
                text.append("f").append(function).append(": r6 = r0\n");
            }
            for (int i = 0; i < 1000; i++) {
                text.append("r6 += ").append(i).append('\n');
                if (i % 5 == 0 && function < 7) {
                    text.append("if r6 == ").append(i).append(" goto +1\ncall f").append(function + 1).append('\n');
                }
            }
            text.append("r0 = r6\nexit\n");
        }
        return text.toString();
    }

    private static String disorder() {
        Random random = new Random(1);
        int blocks = 8000;
        StringBuilder text = new StringBuilder("main: r0 = *(u32 *)(r1 + 12)\nr3 = r10\n");
        for (int block = 0; block < blocks; block++) {
            text.append("l").append(block).append(": r").append(random.nextInt(6)).append(" = r").append(random.nextInt(3) == 0 ? 10 : 0)
                    .append('\n');
            text.append("if r0 == ").append(random.nextInt(100)).append(" goto l").append(random.nextInt(blocks)).append('\n');
        }
        return text.append("r0 = 1\nexit\n").toString();
    }

    private static String creepingBounds() {
        StringBuilder text = new StringBuilder("main: r0 = *(u32 *)(r1 + 12)\nr2 = 0\nr3 = 0\nr4 = 0\nr5 = 0\n");
        for (int i = 0; i < 3000; i++) {
            text.append("l").append(i).append(": r2 += r3\nr3 += r4\nr4 += r5\nr5 += 1\nif r0 == ").append(i).append(" goto l").append(i / 2)
                    .append('\n');
        }
        return text.append("exit\n").toString();
    }
}
