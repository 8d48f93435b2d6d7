package org.trufflebpf.language.nodes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.GraphMachine;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.StackUse;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Verifier;

/** However a program divides the words of its stack, in frame slots they hold what they would hold in memory. */
class StackSlotsTest {
    private static final int PROGRAMS = 600;
    private static final int VALUE_SIZE = 64;
    /** The word below the frame pointer. */
    private static final int LAST_WORD = State.WORDS_PER_FRAME - 1;
    private static final int KINDS = 8;
    private static final String[] UNSIGNED = {"u8", "u16", "u32", "u64"};
    private static final String[] SIGNED = {"s8", "s16", "s32"};

    /** Numbers of the packet go to the stack, come back and end in the map's value. */
    private static String program(Random random) {
        StringBuilder text = new StringBuilder("""
                .map map array 4 %d 1
                .program divided
                r6 = *(u32 *)(r1 + 0)
                r2 = *(u32 *)(r1 + 4)
                r0 = r6
                r0 += 60
                if r0 > r2 goto end
                r8 = map+0 ll
                r2 = *(u64 *)(r6 + 0)
                r3 = *(u64 *)(r6 + 8)
                r4 = *(u64 *)(r6 + 16)
                r5 = *(u64 *)(r6 + 24)
                """.formatted(VALUE_SIZE));
        // Of few kinds, so that words stay divided.
        int kinds = random.nextInt(1, 1 << KINDS);
        int steps = random.nextInt(3, 20);
        for (int i = 0; i < steps; i++) {
            step(text, random, kinds, i);
        }
        for (int register = 2; register <= 5; register++) {
            text.append("*(u64 *)(r8 + %d) = r%d%n".formatted(8 * register - 16, register));
        }
        if (random.nextBoolean()) {
            // A call finds the word in memory, or takes it from the slots.
            text.append("""
                    %s
                    r1 = map ll
                    r2 = r10
                    r2 += -%d
                    call 1
                    if r0 == 0 goto end
                    *(u32 *)(r0 + 40) = 1
                    """.formatted(random.nextBoolean() ? "*(u32 *)(" + aligned(random, 4) + ") = 0" : "", random.nextInt(1, 7) * 4));
        }
        return text.append("""
                end: r0 = 2
                exit
                """).toString();
    }

    private static void step(StringBuilder text, Random random, int kinds, int number) {
        int register = random.nextInt(2, 6);
        int kind = random.nextInt(KINDS);
        if ((kinds & 1 << kind) == 0) {
            kind = Integer.numberOfTrailingZeros(kinds);
        }
        String size = UNSIGNED[random.nextInt(random.nextBoolean() ? 3 : 4)];
        switch (kind) {
            case 0 -> text.append("*(u32 *)(%s) = r%d%n".formatted(aligned(random, 4), register));
            case 1 -> text.append("*(%s *)(%s) = r%d%n".formatted(size, inWord(random, size), register));
            case 2 -> text.append("*(%s *)(%s) = %d%n".formatted(size, inWord(random, size), random.nextInt()));
            case 3 -> text.append("r%d = *(%s *)(%s)%n".formatted(register, size, inWord(random, size)));
            case 4 -> {
                String signed = SIGNED[random.nextInt(SIGNED.length)];
                text.append("r%d = *(%s *)(%s)%n".formatted(register, signed, inWord(random, signed)));
            }
            case 5 -> text.append("r%d = *(u32 *)(%s)%n".formatted(register, aligned(random, 4)));
            case 6 -> text.append("lock *(u32 *)(%s) += r%d%n".formatted(aligned(random, 4), register));
            default -> text.append("if r%d s> 0 goto l%d%n*(u32 *)(%s) = r%d%nl%d: r%d += 1%n".formatted(register, number, aligned(random, 4),
                    register, number, register));
        }
    }

    private static String aligned(Random random, int size) {
        return "r10 - " + size * random.nextInt(1, 24 / size + 1);
    }

    private static String inWord(Random random, String type) {
        int size = Integer.parseInt(type.substring(1)) / 8;
        return "r10 - " + (8 * random.nextInt(1, 4) - random.nextInt(8 - size + 1));
    }

    @Test
    void slotsAreAsMemory() throws AssemblyException, RejectedException {
        int divided = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            String text = program(new Random(seed));
            ObjectSpec object = Assembler.assemble("divided", text);
            Analysis analysis = Verifier.verify(object.programs().getFirst(), Entry.XDP, name -> object.map(name).orElse(null)).analysis();
            StackUse use = StackUse.of(analysis);
            divided += IntStream.range(LAST_WORD - 2, LAST_WORD + 1).anyMatch(word -> Integer.bitCount(use.parts(word)) > 1) ? 1 : 0;
            GraphMachine machine = new GraphMachine(analysis.graph(), new Random(seed), 60, VALUE_SIZE);
            byte[] packet = machine.packet();
            try (Context context = Context.newBuilder(EbpfLanguage.ID).allowHostAccess(HostAccess.ALL).build()) {
                Value instance = context.eval(EbpfLanguage.ID, text);
                Value map = instance.getMember("maps").getMember("map").getMember("raw");
                map.setArrayElement(0, machine.mapValue());
                assertEquals(GraphMachine.End.EXIT, machine.run(1000, (block, step) -> true));
                assertEquals(machine.result(), instance.getMember("programs").getMember("divided").execute((Object) packet).asInt(), text);
                assertArrayEquals(machine.mapValue(), map.getArrayElement(0).as(byte[].class), text);
            }
        }
        assertTrue(divided > PROGRAMS / 2, divided + " programs with divided words");
    }
}
