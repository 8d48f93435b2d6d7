package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.tests.safety.GuardedProgram.Outcome;

/** What a trap says, how often, and what it counts. */
class TrapReportTest {
    private static final int PACKETS = 50;
    private static final String TWO_PLACES = """
            .map counters array 4 8 2
            main: r7 = *(u32 *)(r1 + 0)
                r6 = *(u32 *)(r1 + 4)
                r6 -= r7
                r9 = r6
                if r6 < 21 goto other
                r0 = *(u8 *)(r7 + 64)
                exit
            other:
                *(u32 *)(r10 - 4) = 1
                r1 = counters ll
                r2 = r10
                r2 += -4
                call bpf_map_lookup_elem
                if r0 == 0 goto out
                r0 += r9
                r3 = r10
                *(u64 *)(r0 + 0) = r3
            out:
                r0 = 1
                exit
            """;

    /** @param partLimit instructions that are compiled as one */
    @ParameterizedTest
    @CsvSource({"false, 6000", "true, 6000", "false, 1", "true, 1"})
    void oneLineForEachPlace(boolean compile, String partLimit) throws AssemblyException {
        try (EnteredContext context = new EnteredContext(1, Map.of("ebpf.PartLimit", partLimit));
                GuardedProgram program = new GuardedProgram(Assembler.assemble("two.s", TWO_PLACES), "main")) {
            if (compile) {
                program.compile();
            }
            int traps = 0;
            for (int i = 0; i < PACKETS; i++) {
                // Longer ones pass.
                Outcome outcome = program.run(new byte[i % 3 == 0 ? 20 : i % 3 == 1 ? 64 : 65]);
                assertEquals(i % 3 != 2, outcome.trapped());
                assertEquals(0, outcome.result());
                traps += outcome.trapped() ? 1 : 0;
            }
            assertEquals(traps, program.traps());
            List<String> reports = context.errors();
            assertEquals(List.of("ebpf: trapped: program 'main', instruction 16 (two.s:18 `*(u64 *)(r0 + 0) = r3`) stores outside a value of map 'counters'"
                    + " (8 bytes at map counters[1]+20 of 8); r0=map counters[1]+20 of 8 r3=r10+0 r9=0x14; r0 is a map value of map 'counters', moved by"
                    + " 0 to 20 bytes from two.s:16 `r0 += r9`; to do: bound the index into the value of map 'counters', with `& 15` or a comparison, to at most 0"
                    + " bytes (XDP_ABORTED; reported once)",
                    "ebpf: trapped: program 'main', instruction 5 (two.s:7 `r0 = *(u8 *)(r7 + 64)`) loads outside the packet"
                    + " (1 bytes at packet+64 of 64); r7=packet+0 of 64; r7 is a packet pointer from two.s:2 `main: r7 = *(u32 *)(r1 + 0)`; to do: compare"
                    + " the end of what is read or written with data_end first: `if (data + 65 > data_end) return XDP_DROP;` (XDP_ABORTED; reported once)"),
                    reports);
        }
    }

    /** The budget goes from part to part with the packet. */
    @ParameterizedTest
    @CsvSource({"false, 6000", "true, 6000", "false, 1", "true, 1"})
    void loopsThatDoNotEnd(boolean compile, String partLimit) throws AssemblyException {
        String loop = "main: r0 = 1\nagain: r0 ^= 1\nif r0 == 0 goto again\nr0 |= 0\ngoto again\n";
        try (EnteredContext context = new EnteredContext(1000, Map.of("ebpf.PartLimit", partLimit));
                GuardedProgram program = new GuardedProgram(Assembler.assemble("loop.s", loop), "main")) {
            if (compile) {
                program.compile();
            }
            for (int i = 0; i < PACKETS; i++) {
                assertEquals(new Outcome(0, "", true), program.run(new byte[0]));
            }
            assertEquals(PACKETS, program.traps());
            assertEquals(List.of("ebpf: trapped: program 'main', instruction 2 (loop.s:3 `if r0 == 0 goto again`) takes more than 1000 loop iterations for one packet"
                    + " (XDP_ABORTED; reported once)"), context.errors());
        }
    }
}
