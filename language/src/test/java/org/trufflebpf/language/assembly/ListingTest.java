package org.trufflebpf.language.assembly;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.ProgramSpec;

class ListingTest {

    @Test
    void showsSlotsBytesLabelsAndLines() {
        byte[] code = HexFormat.of().parseHex("18110000000000000000000000000000" + "8500000001000000" + "1500010000000000" + "8510000001000000"
                + "9500000000000000" + "b400000001000000" + "9500000000000000");
        ProgramSpec program = new ProgramSpec("count", "xdp", code, Map.of(0, new MapReference("counters", false)),
                List.of(new ProgramSpec.Function(0, "count"), new ProgramSpec.Function(6, "one")),
                List.of(new ProgramSpec.Line(0, "count.c", 12, 5, "    value = bpf_map_lookup_elem(&counters, &key);"),
                        new ProgramSpec.Line(3, "count.c", 13, 9, "if (value)"),
                        new ProgramSpec.Line(4, "count.c", 13, 12, "if (value)"), new ProgramSpec.Line(6, "count.c", 4, 1, "")),
                Map.of());
        assertEquals("""
                ; program count, section xdp

                count:
                ; value = bpf_map_lookup_elem(&counters, &key); @ count.c:12
                       0:  18 11 00 00 00 00 00 00 00 00 00 00 00 00 00 00  r1 = counters ll
                       2:  85 00 00 00 01 00 00 00                          call 0x1  ; bpf_map_lookup_elem
                ; if (value) @ count.c:13
                       3:  15 00 01 00 00 00 00 00                          if r0 == 0x0 goto L5
                       4:  85 10 00 00 01 00 00 00                          call one
                L5:
                       5:  95 00 00 00 00 00 00 00                          exit

                one:
                ; @ count.c:4
                       6:  b4 00 00 00 01 00 00 00                          w0 = 0x1
                       7:  95 00 00 00 00 00 00 00                          exit
                """, Listing.of(program));
    }

    /** What a person looks at when a program was rejected. */
    @Test
    void showsWhatIsMalformed() {
        byte[] code = HexFormat.of().parseHex("8d02000000000000" + "0500640000000000" + "8510000063000000" + "180000000000000095000000");
        assertEquals("""
                ; program "a b", section xdp

                "a b":
                       0:  8d 02 00 00 00 00 00 00                          <unknown>  ; a call through a register (callx) is not supported
                       1:  05 00 64 00 00 00 00 00                          goto +0x64
                       2:  85 10 00 00 63 00 00 00                          call 0x63
                       3:  18 00 00 00 00 00 00 00                          <unknown>  ; the second slot of the 64-bit constant is missing
                ; 4 bytes of a cut instruction
                """, Listing.of(ProgramSpec.of("a b", code, Map.of())));
    }
}
