package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.nodes.NodeBuilder;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.run.Surroundings;
import org.trufflebpf.language.runtime.Program;

/**
 * The largest programs in the field have 9,000 instructions, the kernel takes a million: all are compiled, in parts where they are large, and do the
 * same then as before. Java runs with Graal's own limits here, so that nobody needs flags for it.
 */
class LargeProgramTest {
    private static final int INSTRUCTIONS = 9_000;
    private static final int MANY_INSTRUCTIONS = 30_000;
    private static final int PACKETS = 20;
    private static final long LOOP_ITERATIONS = 1 << 20;
    private static final int PACKET_BYTES = 64;
    /** Compiling takes 4 to 20 s on a quiet machine of two cores. */
    private static final long MAX_SECONDS = 240;

    /** What the program mostly is made of. */
    private enum Shape {
        /** Tests of packet bytes, each with something to do where it holds. */
        BRANCHES {
            @Override
            void piece(Code code, Random random) {
                String label = code.label();
                code.line("r1 = *(u8 *)(r6 + %d)", random.nextInt(PACKET_BYTES));
                code.line("if r1 %s %d goto %s", random.nextBoolean() ? "!=" : ">", random.nextInt(256), label);
                for (int i = 0; i < 6; i++) {
                    int register = random.nextInt(2, 5);
                    code.line("r%d %s= r%d", register, "+-^|".charAt(random.nextInt(4)), random.nextInt(1, 5));
                }
                code.line("*(u8 *)(r6 + %d) = r3", random.nextInt(PACKET_BYTES));
                code.line("%s: r7 += r2", label);
            }
        },
        /** Lookups in maps, what is found used and counted. */
        MAPS {
            @Override
            void piece(Code code, Random random) {
                String label = code.label();
                code.line("r1 = *(u8 *)(r6 + %d)", random.nextInt(PACKET_BYTES));
                code.line("*(u32 *)(r10 - 4) = r1");
                code.line("r1 = %s ll", random.nextBoolean() ? "counters" : "flows");
                code.line("r2 = r10");
                code.line("r2 += -4");
                code.line("call bpf_map_lookup_elem");
                code.line("if r0 == 0 goto %s", label);
                code.line("r1 = *(u64 *)(r0 + 0)");
                code.line("r1 += 1");
                code.line("*(u64 *)(r0 + 0) = r1");
                code.line("r7 += r1");
                code.line("%s: r7 ^= %d", label, random.nextInt());
            }
        },
        /** Short loops over packet bytes. */
        LOOPS {
            @Override
            void piece(Code code, Random random) {
                String label = code.label();
                code.line("r2 = r6");
                code.line("r3 = %d", random.nextInt(2, 20));
                code.line("%s: r1 = *(u8 *)(r2 + 0)", label);
                code.line("r7 += r1");
                code.line("r7 *= 31");
                code.line("r2 += 1");
                code.line("r3 += -1");
                code.line("if r3 != 0 goto %s", label);
            }
        },
        /** As many blocks as there can be, and a merge of as many ways. */
        CASES {
            @Override
            void piece(Code code, Random random) {
                code.line("if r%d == %d goto found", random.nextInt(2, 5), random.nextInt());
            }
        },
        /** One function called from everywhere, so that it is copied again and again. */
        CALLS {
            @Override
            void piece(Code code, Random random) {
                code.line("r1 = *(u8 *)(r6 + %d)", random.nextInt(PACKET_BYTES));
                code.line("r2 = %d", random.nextInt());
                code.line("call mix");
                code.line("r7 ^= r0");
            }
        },
        /** No jump at all. */
        STRAIGHT {
            @Override
            void piece(Code code, Random random) {
                code.line("r%d %s= r%d", random.nextInt(2, 5), "+-^|*".charAt(random.nextInt(5)), random.nextInt(2, 5));
                code.line("r7 += r%d", random.nextInt(2, 5));
            }
        },
        /** Two ways that meet again, one after the other. */
        DIAMONDS {
            @Override
            void piece(Code code, Random random) {
                String other = code.label();
                String end = code.label();
                code.line("if r%d & %d goto %s", random.nextInt(2, 5), 1 << random.nextInt(20), other);
                code.line("r%d += %d", random.nextInt(2, 5), random.nextInt(1000));
                code.line("goto %s", end);
                code.line("%s: r%d ^= r%d", other, random.nextInt(2, 5), random.nextInt(2, 5));
                code.line("%s: r7 += r%d", end, random.nextInt(2, 5));
            }
        },
        /** Every word of the stack goes from part to part. */
        STACK {
            @Override
            void piece(Code code, Random random) {
                String label = code.label();
                code.line("*(u64 *)(r10 - %d) = r%d", 8 * random.nextInt(1, 65), random.nextInt(2, 5));
                code.line("r%d += r7", random.nextInt(2, 5));
                code.line("r1 = *(u64 *)(r10 - %d)", 8 * random.nextInt(1, 65));
                code.line("if r1 & %d goto %s", 1 << random.nextInt(20), label);
                code.line("*(u16 *)(r10 - %d) = r7", 8 * random.nextInt(1, 65));
                code.line("%s: r7 ^= r1", label);
            }

            @Override
            String begin() {
                return IntStream.rangeClosed(1, 64).mapToObj(word -> "*(u64 *)(r10 - " + 8 * word + ") = r7\n").collect(Collectors.joining());
            }
        },
        /** One loop around all, with others inside. */
        LOOP {
            @Override
            void piece(Code code, Random random) {
                BRANCHES.piece(code, random);
                LOOPS.piece(code, random);
                // No address, which would differ from run to run.
                code.line("r2 = r7");
            }

            @Override
            String begin() {
                return "r9 = 3\nagain: r9 += -1\n";
            }

            @Override
            String end() {
                return "if r9 != 0 goto again\n";
            }
        },
        /** Where parts begin and end with what only some paths have: packets that move, traps, records, tail calls. */
        EFFECTS {
            @Override
            void piece(Code code, Random random) {
                String label = code.label();
                code.line("r1 = *(u8 *)(r10 - 8)");
                code.line("r1 += 1");
                code.line("*(u64 *)(r10 - 8) = r1");
                code.line("r1 &= %d", 7);
                code.line("if r1 != %d goto %s", random.nextInt(8), label);
                code.line("r1 = r8");
                code.line("r2 = %d", random.nextBoolean() ? 4 : -4);
                code.line("call bpf_xdp_adjust_head");
                code.line("r6 = *(u32 *)(r8 + 0)");
                code.line("r2 = *(u32 *)(r8 + 4)");
                code.line("r3 = r6");
                code.line("r3 += 16");
                code.line("if r3 > r2 goto short");
                code.line("*(u8 *)(r6 + %d) = r7", random.nextInt(16));
                code.line("r1 = r6");
                code.line("r1 += r7");
                // Mostly a trap: near the packet, but seldom in it.
                code.line("if r7 & %d goto %s", 255, label);
                code.line("r7 = *(u8 *)(r1 + 0)");
                code.line("%s: r7 += r6", label);
                code.line("r7 -= r6");
                code.line("r7 += %d", random.nextInt(1000));
            }

            @Override
            String begin() {
                return "*(u64 *)(r10 - 8) = r2\n";
            }
        };

        /** Comes before the pieces. */
        String begin() {
            return "";
        }

        /** Comes after them. */
        String end() {
            return "";
        }

        abstract void piece(Code code, Random random);
    }

    private static final class Code {
        private final StringBuilder text = new StringBuilder();
        private int lines;
        private int labels;

        void line(String format, Object... arguments) {
            text.append(format.formatted(arguments)).append('\n');
            lines++;
        }

        String label() {
            return "l" + labels++;
        }
    }

    private static ObjectSpec program(Shape shape, int instructions) throws AssemblyException {
        Random random = new Random(1);
        Code code = new Code();
        code.text.append("""
                .license GPL
                .map counters array 4 8 256
                .map flows hash 4 8 256
                .program main
                r8 = r1
                r6 = *(u32 *)(r1 + 0)
                r2 = *(u32 *)(r1 + 4)
                r3 = r6
                r3 += %d
                if r3 > r2 goto short
                r7 = 0
                r2 = *(u64 *)(r6 + 0)
                r3 = *(u64 *)(r6 + 8)
                r4 = *(u64 *)(r6 + 16)
                """.formatted(PACKET_BYTES));
        code.text.append(shape.begin());
        while (code.lines < instructions) {
            shape.piece(code, random);
        }
        code.text.append(shape.end()).append("""
                found: *(u64 *)(r6 + 0) = r7
                r0 = 2
                exit
                short: r0 = 1
                exit
                """);
        if (shape == Shape.CALLS) {
            code.text.append("""
                    mix: r0 = r1
                    r0 *= r2
                    r0 ^= r1
                    exit
                    """);
        }
        return Assembler.assemble("large", code.text.toString());
    }

    private static byte[] packet(int seed) {
        byte[] packet = new byte[PACKET_BYTES];
        new Random(seed).nextBytes(packet);
        return packet;
    }

    @ParameterizedTest
    @EnumSource(value = Shape.class, names = {"BRANCHES", "MAPS", "LOOPS", "CASES", "CALLS"})
    void isCompiled(Shape shape) throws AssemblyException {
        compare(program(shape, INSTRUCTIONS), Map.of());
    }

    @ParameterizedTest
    @EnumSource(value = Shape.class, names = {"STRAIGHT", "DIAMONDS"})
    void isCompiledWhateverItsLength(Shape shape) throws AssemblyException {
        assertTrue(compare(program(shape, MANY_INSTRUCTIONS), Map.of()) >= 5);
    }

    /** Parts are so small here that most of what can happen happens between two of them. Straight code is not cut so finely. */
    @ParameterizedTest
    @EnumSource(value = Shape.class, mode = EnumSource.Mode.EXCLUDE, names = {"STRAIGHT", "CALLS"})
    void doesTheSameInParts(Shape shape) throws AssemblyException {
        assertTrue(compare(program(shape, 600), Map.of("ebpf.PartLimit", "60")) >= 5);
    }

    /** @return parts that the program is compiled in, 0 for one that is compiled as one */
    private static int compare(ObjectSpec object, Map<String, String> options) throws AssemblyException {
        List<SinglePackets.Outcome> expected = interpreted(object);
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS, options);
                        LoadedObject compiled = EbpfContext.machine().load(object, Surroundings.FIXED)) {
            Program program = (Program) compiled.program("main");
            long start = System.nanoTime();
            assertTrue(program.compile());
            long seconds = (System.nanoTime() - start) / 1_000_000_000;
            assertTrue(seconds < MAX_SECONDS, "compiled in " + seconds + " s");
            try (SinglePackets actual = new SinglePackets(program.newProcessor(0))) {
                for (int seed = 0; seed < PACKETS; seed++) {
                    SinglePackets.Outcome outcome = actual.run(packet(seed));
                    assertEquals(expected.get(seed).result(), outcome.result());
                    assertArrayEquals(expected.get(seed).bytes(), outcome.bytes());
                }
            }
            assertTrue(program.compile(), "still machine code");
            return NodeBuilder.parts(program.target()).size();
        }
    }

    /** What the program does in one piece. */
    private static List<SinglePackets.Outcome> interpreted(ObjectSpec object) {
        List<SinglePackets.Outcome> outcomes = new ArrayList<>();
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS, Map.of("ebpf.PartLimit", "1000000", "engine.Compilation", "false"));
                        LoadedObject whole = EbpfContext.machine().load(object, Surroundings.FIXED);
                        SinglePackets packets = new SinglePackets(whole.program("main").newProcessor(0))) {
            for (int seed = 0; seed < PACKETS; seed++) {
                outcomes.add(packets.run(packet(seed)));
            }
        }
        return outcomes;
    }
}
