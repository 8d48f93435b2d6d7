package org.trufflebpf.language.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.Block;
import org.trufflebpf.language.cfg.Graph;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.verifier.Analysis;
import org.trufflebpf.language.verifier.Entry;
import org.trufflebpf.language.verifier.RejectedException;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Verifier;

/** What passes make of small programs. */
class PassesTest {
    private static final String RESULT = "=> ";
    private static final String BEFORE_COMBINED = """
            .map one array 4 32 1
            .map two array 4 32 1
            .map ring ringbuf 0 0 4096
            r6 = *(u32 *)(r1 + 0)
            r2 = *(u32 *)(r1 + 4)
            r3 = r6
            r3 += 32
            if r3 > r2 goto short
            r4 = *(u8 *)(r6 + 31)
            r4 &= 7
            r7 = r6
            r7 += r4
            r8 = one+0 ll
            r9 = two+0 ll
            goto start
            short: r0 = 1
            exit
            start: r3 = 0
            """;
    private static final String AFTER_COMBINED = """
            r0 = 2
            exit
            """;

    private static final String BEFORE_WIDENED = """
            .map one array 4 32 1
            r6 = *(u32 *)(r1 + 0)
            r2 = *(u32 *)(r1 + 4)
            r3 = r6
            r3 += 32
            if r3 > r2 goto short
            r8 = one+0 ll
            r0 = 0
            r2 = 0
            r5 = 0
            r4 = *(u8 *)(r6 + 31)
            if r4 == 0 goto short
            if r4 > 24 goto short
            r3 = 0
            goto next
            short: r0 = 1
            exit
            """;
    private static final String AFTER_WIDENED = """
            done: r0 += r5
            exit
            """;

    private static final String BEFORE_HOISTED = """
            .map one array 4 32 1
            r6 = *(u32 *)(r1 + 0)
            r2 = *(u32 *)(r1 + 4)
            r3 = r6
            r3 += 16
            if r3 > r2 goto short
            r8 = one+0 ll
            r0 = 0
            r2 = 0
            r4 = *(u8 *)(r6 + 15)
            r9 = *(u64 *)(r6 + 8)
            if r4 == 0 goto short
            r3 = 0
            goto start
            short: r0 = 1
            exit
            start: r5 = 0
            """;

    record Case(String title, List<String> lines, String expected) {
        @Override
        public String toString() {
            return title;
        }
    }

    private static List<Case> cases(String file) {
        List<Case> cases = new ArrayList<>();
        String title = null;
        List<String> lines = new ArrayList<>();
        for (String line : Rows.of(PassesTest.class, file)) {
            if (line.startsWith("== ")) {
                title = line.substring(3);
                lines = new ArrayList<>();
            } else if (line.startsWith(RESULT)) {
                cases.add(new Case(title, lines, line.substring(RESULT.length())));
            } else {
                lines.add(line);
            }
        }
        return cases;
    }

    static List<Case> combined() {
        return cases("combined.txt");
    }

    static List<Case> unrolled() {
        return cases("unrolled.txt");
    }

    private static Analysis analysis(String text) throws AssemblyException, RejectedException {
        ObjectSpec object = Assembler.assemble("case", text);
        return Verifier.verify(object.programs().getFirst(), Entry.XDP, name -> object.map(name).orElse(null)).analysis();
    }

    @ParameterizedTest
    @MethodSource("combined")
    void accessesAreCombined(Case test) throws AssemblyException, RejectedException {
        Analysis before = analysis(BEFORE_COMBINED + String.join("\n", test.lines) + "\n" + AFTER_COMBINED);
        List<String> was = accesses(before.graph());
        List<String> is = accesses(Optimizer.optimize(before, EnumSet.of(Pass.COMBINE)).graph());
        List<String> changes = new ArrayList<>();
        List<String> added = new ArrayList<>(is);
        was.forEach(added::remove);
        added.stream().sorted().forEach(access -> changes.add("+ " + access));
        List<String> gone = new ArrayList<>(was);
        is.forEach(gone::remove);
        gone.stream().sorted().forEach(access -> changes.add("- " + access));
        assertEquals(test.expected, changes.isEmpty() ? "nothing" : String.join(", ", changes));
    }

    static List<Case> widened() {
        return cases("widened.txt");
    }

    @ParameterizedTest
    @MethodSource("widened")
    void loopsOverBytesAreWidened(Case test) throws AssemblyException, RejectedException {
        Analysis before = analysis(BEFORE_WIDENED + String.join("\n", test.lines) + "\n" + AFTER_WIDENED);
        List<String> wide = new ArrayList<>();
        for (Block block : Optimizer.optimize(before, EnumSet.of(Pass.WIDEN)).graph().blocks()) {
            for (Step step : block.steps()) {
                Operands.MemoryAccess access = Operands.access(step.instruction());
                if (access != null && access.bytes() == 8) {
                    wide.add((access.writes() ? "store " : "load ") + access.offset());
                }
            }
        }
        assertEquals(test.expected, wide.isEmpty() ? "nothing" : String.join(", ", wide));
    }

    static List<Case> hoisted() {
        return cases("hoisted.txt");
    }

    @ParameterizedTest
    @MethodSource("hoisted")
    void checksAreHoisted(Case test) throws AssemblyException, RejectedException {
        Analysis before = analysis(BEFORE_HOISTED + String.join("\n", test.lines) + "\n" + AFTER_WIDENED);
        assertEquals(test.expected, proved(Optimizer.optimize(before, EnumSet.of(Pass.HOIST)).graph()));
    }

    /** Accesses that steps before them make sure of, where nothing but that proves them. */
    private static String proved(Graph graph) {
        List<String> proved = new ArrayList<>();
        for (Block block : graph.blocks()) {
            for (Step step : block.steps()) {
                Operands.MemoryAccess access = Operands.access(step.instruction());
                if (step.proved()) {
                    proved.add((access.writes() ? "store " : "load ") + access.bytes() + " " + Registers.name(access.base()) + "+" + access.offset());
                }
            }
        }
        return proved.isEmpty() ? "nothing" : String.join(", ", proved);
    }

    /** The first three have one comparison together, and a copy that traps; the call may move the packet, and what comes after it is one alone. */
    @Test
    void checksAreGathered() throws AssemblyException, RejectedException {
        Analysis before = analysis("""
                r6 = r1
                r7 = *(u32 *)(r1 + 0)
                r3 = *(u16 *)(r7 + 12)
                *(u8 *)(r7 + 20) = r3
                r3 = *(u32 *)(r7 + 4)
                r1 = r6
                r2 = 4
                call 44
                r7 = *(u32 *)(r6 + 0)
                r0 = *(u8 *)(r7 + 40)
                exit
                """);
        Graph graph = Optimizer.optimize(before, EnumSet.of(Pass.GATHER)).graph();
        assertEquals("load 2 r7+12, store 1 r7+20, load 4 r7+4", proved(graph));
        assertEquals(4, graph.blocks().size());
        Analysis after = before.of(graph);
        assertEquals(List.of("load 1 r7+40", "load 2 r7+12", "load 4 r7+4", "store 1 r7+20"), checked(after));
    }

    private static List<String> checked(Analysis analysis) {
        List<String> checked = new ArrayList<>();
        for (int block = 0; block < analysis.graph().blocks().size(); block++) {
            analysis.replay(block, (step, state) -> {
                Operands.MemoryAccess access = Operands.access(step.instruction());
                if (access != null && !state.register(access.base()).may(Value.Kind.CONTEXT) && !Checks.isProved(analysis, access, state)) {
                    checked.add((access.writes() ? "store " : "load ") + access.bytes() + " " + Registers.name(access.base()) + "+" + access.offset());
                }
            });
        }
        return checked.stream().sorted().toList();
    }

    private static List<String> accesses(Graph graph) {
        List<String> accesses = new ArrayList<>();
        for (Block block : graph.blocks()) {
            for (Step step : block.steps()) {
                Operands.MemoryAccess access = Operands.access(step.instruction());
                if (access != null) {
                    String base = access.base() >= Registers.SCRATCH ? "kept" : Registers.name(access.base());
                    accesses.add((access.writes() ? "store " : "load ") + access.bytes() + " " + base + "+" + access.offset());
                }
            }
        }
        return accesses;
    }

    @ParameterizedTest
    @MethodSource("unrolled")
    void loopsAreUnrolled(Case test) throws AssemblyException, RejectedException {
        Graph graph = Optimizer.optimize(analysis(String.join("\n", test.lines)), EnumSet.of(Pass.UNROLL)).graph();
        assertEquals(test.expected, graph.size() + " instructions, " + backEdges(graph) + " back");
    }

    private static int backEdges(Graph graph) {
        int back = 0;
        for (int block = 0; block < graph.blocks().size(); block++) {
            for (int successor : graph.blocks().get(block).terminator().successors()) {
                back += successor <= block ? 1 : 0;
            }
        }
        return back;
    }

    /** One that is left by two ways, with a branch inside. */
    @Test
    void shortLoopsAreRepeated() throws AssemblyException, RejectedException {
        Analysis before = analysis("""
                r6 = *(u32 *)(r1 + 0)
                r2 = *(u32 *)(r1 + 4)
                r0 = 0
                r3 = 0
                next: r4 = r6
                r4 += r3
                r5 = r4
                r5 += 1
                if r5 > r2 goto done
                r5 = *(u8 *)(r4 + 0)
                if r5 > 9 goto other
                r0 += r5
                other: r3 += 1
                if r3 < 200 goto next
                done: exit
                """);
        Graph graph = Optimizer.optimize(before, EnumSet.of(Pass.REPEAT)).graph();
        assertEquals(4, accesses(graph).stream().filter("load 1 r4+0"::equals).count());
        assertEquals(1, backEdges(graph));
    }

    @Test
    void blocksThatFollowEachOtherAreJoined() throws AssemblyException, RejectedException {
        Graph graph = Optimizer.optimize(analysis("""
                r6 = 1
                if r6 == 1 goto next
                r0 = 1
                exit
                next: call body
                goto end
                end: r0 += 1
                exit
                body: r0 = 2
                exit
                """), EnumSet.of(Pass.STRAIGHTEN)).graph();
        assertEquals(1, graph.blocks().size());
    }

    @Test
    void namesOfPasses() {
        assertEquals(EnumSet.allOf(Pass.class), Pass.parse("all"));
        assertEquals(Set.of(), Pass.parse("none"));
        assertEquals(EnumSet.of(Pass.UNROLL, Pass.COMBINE), Pass.parse("combine,unroll"));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Pass.parse("fold"));
        assertEquals("must be all, none, or some of unroll, hoist, widen, repeat, straighten, gather, combine, separated by commas", e.getMessage());
    }
}
