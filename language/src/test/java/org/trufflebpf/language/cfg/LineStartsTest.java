package org.trufflebpf.language.cfg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Decoder;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.object.ProgramSpec.Line;

class LineStartsTest {
    /** A branch over one instruction, and a jump back to it. */
    private static final String PROGRAM = "r0 = 0\nif r1 == 0 goto +1\nr0 = 1\nr0 += 2\nif r0 < 9 goto -2\nexit";

    private static Code decode(ProgramSpec spec) throws Exception {
        return Decoder.decode(spec.code(), spec.references(), spec.kfuncs());
    }

    /** @param slotsAndLines where records of lines stand */
    private static ProgramSpec program(int... slotsAndLines) throws Exception {
        ProgramSpec spec = Assembler.assemble("row", PROGRAM).programs().getFirst();
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < slotsAndLines.length; i += 2) {
            lines.add(new Line(slotsAndLines[i], "a.c", slotsAndLines[i + 1], i + 1, ""));
        }
        return new ProgramSpec(spec.name(), spec.section(), spec.code(), Map.of(), spec.functions(), lines, Map.of());
    }

    private static List<Integer> starts(int... slotsAndLines) throws Exception {
        ProgramSpec spec = program(slotsAndLines);
        LineStarts starts = new LineStarts(spec, decode(spec));
        return IntStream.range(0, 6).filter(starts::isAt).boxed().toList();
    }

    /** Slot 3 is behind the branch: where it has no line of its own, line 11 goes on there. */
    @Test
    void aLineDoesNotBeginBehindABranch() throws Exception {
        assertEquals(List.of(0, 1, 2), starts(0, 10, 2, 11));
        assertEquals(List.of(0, 1, 2, 3, 4), starts(0, 10, 2, 11, 3, 12));
    }

    /** As the two halves of a condition have them. */
    @Test
    void recordsOfOtherColumnsAreTheSameLine() throws Exception {
        assertEquals(List.of(0, 1), starts(0, 10, 2, 10, 3, 10));
    }

    @Test
    void withoutLinesNothingBegins() throws Exception {
        assertEquals(List.of(), starts());
        assertEquals(List.of(3, 4), starts(3, 12));
    }

    /** Block 1 has no jump at its end: control comes to slot 3. */
    @Test
    void aBlockThatOnlyGoesOnEndsWithItsLastStep() throws Exception {
        ProgramSpec spec = program(0, 10);
        LineStarts starts = new LineStarts(spec, decode(spec));
        List<Integer> ends = GraphBuilder.build(decode(spec)).orElseThrow().blocks().stream().map(starts::lastSlot).sorted().toList();
        assertEquals(List.of(1, 2, 4, 5), ends);
    }
}
