package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.cfg.GraphBuilder;
import org.trufflebpf.language.isa.Rows;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** What is rejected and with which words; and that the kernel rejects it too. */
class VerifierTest {
    private static final String ACCEPTED = "accepted";

    record Row(String program, String expected) {
        @Override
        public String toString() {
            return program;
        }
    }

    static List<Row> rows() {
        return rows("rejected.txt");
    }

    static List<Row> strictRows() {
        return rows("strict.txt");
    }

    private static List<Row> rows(String file) {
        return Rows.of(VerifierTest.class, file).stream().map(row -> {
            int arrow = row.lastIndexOf(" => ");
            return new Row(row.substring(0, arrow).strip(), row.substring(arrow + 4).strip());
        }).toList();
    }

    static ObjectSpec assemble(String program) {
        try {
            return Assembler.assemble("row", program.replace(" / ", "\n"));
        } catch (AssemblyException e) {
            throw new AssertionError(program, e);
        }
    }

    static String verdict(ObjectSpec object) {
        return verdict(object, Safety.GRADUATED);
    }

    static String verdict(ObjectSpec object, Safety safety) {
        try {
            Verifier.verify(object.programs().getFirst(), Entry.XDP, map -> object.map(map).orElse(null), safety);
            return ACCEPTED;
        } catch (RejectedException e) {
            return e.slot() + ": " + e.getMessage();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void rejectsWithTheInstructionAndTheReason(Row row) {
        assertEquals(row.expected, verdict(assemble(row.program)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theKernelRunsNothingThatIsRejected(Row row) throws BpfException {
        String missing = KernelVerdict.missing();
        if (missing != null) {
            System.out.println("skipped: " + missing);
        }
        assumeTrue(missing == null, missing);
        if (!row.expected.equals(ACCEPTED)) {
            assertNotNull(KernelVerdict.rejection(assemble(row.program)), "the kernel accepts it");
        }
    }

    @ParameterizedTest
    @MethodSource("strictRows")
    void strictModeRejectsWhatIsNotProved(Row row) {
        String verdict = verdict(assemble(row.program), Safety.STRICT);
        assertEquals(row.expected, verdict.substring(0, Math.min(row.expected.length(), verdict.length())), verdict);
    }

    @ParameterizedTest
    @MethodSource("strictRows")
    void theKernelAgreesWithStrictMode(Row row) throws BpfException {
        String missing = KernelVerdict.missing();
        if (missing != null) {
            System.out.println("skipped: " + missing);
        }
        assumeTrue(missing == null, missing);
        String rejection = KernelVerdict.rejection(assemble(row.program));
        assertEquals(row.expected.equals(ACCEPTED), rejection == null, rejection);
    }

    @Test
    void namesAMapThatIsNotThere() {
        ProgramSpec program = assemble(".map a array 4 8 1 / r0 = 0 / r1 = a ll / exit").programs().getFirst();
        RejectedException e = assertThrows(RejectedException.class, () -> Verifier.verify(program, Entry.XDP, map -> null));
        assertEquals("1: refers to map 'a', which does not exist", e.slot() + ": " + e.getMessage());
    }

    @Test
    void takesSixtyFourMaps() {
        StringBuilder program = new StringBuilder();
        for (int i = 0; i < 65; i++) {
            program.append(".map m").append(i).append(" array 4 8 1 / ");
        }
        program.append("r0 = 0 / ");
        for (int i = 0; i < 64; i++) {
            program.append("r1 = m").append(i).append(" ll / ");
        }
        assertEquals(ACCEPTED, verdict(assemble(program + "exit")));
        assertEquals(ACCEPTED, verdict(assemble(program + "r1 = m63 ll / exit")));
        assertEquals("129: the program uses more than 64 maps", verdict(assemble(program + "r1 = m64 ll / exit")));
    }

    @Test
    void refusesWhatUnfoldsTooFar() {
        String large = "r0 = 0\n".repeat(GraphBuilder.MAX_STEPS + 1) + "exit";
        assertEquals("0: is too large: with its calls unfolded it has more than " + GraphBuilder.MAX_STEPS + " instructions",
                        verdict(assemble(large)));
        assertEquals(ACCEPTED, verdict(assemble("r0 = 0\n".repeat(GraphBuilder.MAX_STEPS - 1) + "exit")));
    }

    /** With bare memory, registers start otherwise, and what only Linux forbids is allowed. */
    @Test
    void memoryEntry() throws RejectedException {
        ProgramSpec program = assemble("r0 = *(u8 *)(r1 + 0) / r0 += r2 / r0 /= 0 / exit / exit").programs().getFirst();
        VerifiedProgram verified = Verifier.verify(program, Entry.MEMORY, Map.<String, MapSpec>of()::get);
        assertEquals(Entry.MEMORY, verified.entry());
        assertThrows(RejectedException.class, () -> Verifier.verify(assemble("r0 = r3 / exit").programs().getFirst(), Entry.MEMORY, map -> null));
    }
}
