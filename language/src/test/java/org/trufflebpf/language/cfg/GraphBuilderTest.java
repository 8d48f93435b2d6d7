package org.trufflebpf.language.cfg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.MalformedCodeException;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.ProgramSpec;

class GraphBuilderTest {
    private static final int MAX_STEPS = 1 << 20;

    static List<String> graphs() {
        return Rows.of(GraphBuilderTest.class, "graphs.txt");
    }

    private static Code decode(String program) {
        try {
            ProgramSpec spec = Assembler.assemble("row", program.replace(" / ", "\n")).programs().getFirst();
            return Decoder.decode(spec.code(), spec.references(), spec.kfuncs());
        } catch (AssemblyException | MalformedCodeException e) {
            throw new AssertionError(program, e);
        }
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void blocksAndEdges(String row) {
        int arrow = row.indexOf(" => ");
        assertEquals(row.substring(arrow + 4).strip(), show(GraphBuilder.build(decode(row.substring(0, arrow).strip())).orElseThrow()));
    }

    /** Each block: the slots of its steps and what its registers became where a callee's are renamed, then how it ends. */
    private static String show(Graph graph) {
        return graph.blocks().stream().map(block -> {
            String steps = block.steps().stream().map(step -> step.slot() + renamed(step.instruction())).collect(Collectors.joining(" "));
            String end = switch (block.terminator()) {
                case Terminator.Goto(int target) -> "goto " + target;
                case Terminator.Branch branch -> "if " + Registers.name(branch.left()) + " " + branch.taken() + " else " + branch.fallThrough();
                case Terminator.Budget(int exhausted, int fallThrough) -> "budget " + exhausted + " else " + fallThrough;
                case Terminator.Exit _ -> "exit";
            };
            return (steps + " " + end).strip();
        }).collect(Collectors.joining("; "));
    }

    private static String renamed(Instruction instruction) {
        return Operands.writes(instruction) > 10 ? ":" + Registers.name(Operands.writes(instruction)) : "";
    }

    /**
     * Functions that call the next level twice, seven levels deep, each computing with registers and stack of its own; and one as long as is
     * wanted that no run calls.
     */
    private static Graph callTree(int padding) {
        StringBuilder text = new StringBuilder("r6 = *(u32 *)(r1 + 12)\nr0 = 1\nif r6 > 9 goto never\ncall f1\nr0 += r6\ncall f2\nexit\n");
        text.append("never: call padding\nexit\n");
        for (int depth = 1; depth <= 7; depth++) {
            text.append("f").append(depth).append(": r6 = r0\n*(u64 *)(r10 - 8) = r6\nr0 *= 3\n");
            text.append("if r0 & 4 goto s").append(depth).append("\nr0 += ").append(depth).append("\ns").append(depth).append(":\n");
            for (int call = 0; depth < 7 && call < 2; call++) {
                text.append("r0 += ").append(call).append("\ncall f").append(depth + 1).append("\n");
            }
            text.append("r0 ^= r6\nr7 = *(u64 *)(r10 - 8)\nr0 += r7\nexit\n");
        }
        return GraphBuilder.build(decode(text + "padding: " + "r0 += 1\n".repeat(padding) + "exit")).orElseThrow();
    }

    @Test
    void sharedBodiesDoWhatInlinedOnesDo() {
        Graph inlined = callTree(1);
        Graph shared = callTree(GraphBuilder.MAX_INLINED_STEPS);
        // f6 by way of f1, f7 by way of f2.
        assertEquals(32 + 32, copies(inlined));
        assertEquals(1 + 1, copies(shared));
        assertEquals(8, inlined.depths());
        assertEquals(8, shared.depths());
        for (int seed = 0; seed < 20; seed++) {
            GraphMachine one = new GraphMachine(inlined, new Random(seed), 64, 8);
            GraphMachine other = new GraphMachine(shared, new Random(seed), 64, 8);
            assertEquals(GraphMachine.End.EXIT, one.run(MAX_STEPS, (block, step) -> true));
            assertEquals(GraphMachine.End.EXIT, other.run(MAX_STEPS, (block, step) -> true));
            assertEquals(one.slots(), other.slots());
            assertEquals(one.result(), other.result());
        }
    }

    /** How many copies of functions there are that run in the seventh frame. */
    private static int copies(Graph graph) {
        return (int) graph.blocks().stream().flatMap(block -> block.steps().stream())
                        .filter(step -> step.instruction() instanceof Instruction.Load load && load.target() == Registers.of(7, 6)).count();
    }

    @Test
    void refusesWhatIsTooLargeEvenShared() {
        String body = "r0 = 0\n".repeat(GraphBuilder.MAX_STEPS);
        assertEquals(Optional.empty(), GraphBuilder.build(decode(body + "exit")));
        assertTrue(GraphBuilder.build(decode(body.substring(7) + "exit")).isPresent());
    }
}
