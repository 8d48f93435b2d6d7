package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.language.EbpfContext;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.run.Surroundings;

/** The largest programs in the field have 9,000 instructions: they too are compiled, as one, and do the same then as before. */
class LargeProgramTest {
    private static final int INSTRUCTIONS = 9_000;
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
        };

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

    private static ObjectSpec program(Shape shape) throws AssemblyException {
        Random random = new Random(1);
        Code code = new Code();
        code.text.append("""
                .license GPL
                .map counters array 4 8 256
                .map flows hash 4 8 256
                .program main
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
        while (code.lines < INSTRUCTIONS) {
            shape.piece(code, random);
        }
        code.text.append("""
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
    @EnumSource(Shape.class)
    void isCompiled(Shape shape) throws AssemblyException {
        ObjectSpec object = program(shape);
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS);
                        LoadedObject interpreted = EbpfContext.machine().load(object, Surroundings.FIXED);
                        LoadedObject compiled = EbpfContext.machine().load(object, Surroundings.FIXED)) {
            RunnableProgram program = compiled.program("main");
            long start = System.nanoTime();
            assertTrue(program.compile());
            long seconds = (System.nanoTime() - start) / 1_000_000_000;
            assertTrue(seconds < MAX_SECONDS, "compiled in " + seconds + " s");
            try (SinglePackets expected = new SinglePackets(interpreted.program("main").newProcessor(0));
                            SinglePackets actual = new SinglePackets(program.newProcessor(0))) {
                for (int seed = 0; seed < 20; seed++) {
                    SinglePackets.Outcome wanted = expected.run(packet(seed));
                    SinglePackets.Outcome outcome = actual.run(packet(seed));
                    assertEquals(2, wanted.result());
                    assertEquals(wanted.result(), outcome.result());
                    assertArrayEquals(wanted.bytes(), outcome.bytes());
                }
            }
            assertTrue(program.compile(), "still machine code");
        }
    }
}
