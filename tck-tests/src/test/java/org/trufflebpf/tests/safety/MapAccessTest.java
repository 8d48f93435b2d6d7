package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.junit.jupiter.api.Test;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.assembly.Assembler;
import org.trufflebpf.language.assembly.AssemblyException;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.maps.MapFlags;
import org.trufflebpf.tests.KernelEngine;

/** BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG: strict mode and the kernel take the same programs of access.txt. */
class MapAccessTest {
    private static final String VALUE = """
            r6 = r1
            *(u32 *)(r10 - 4) = 1
            r1 = m ll
            r2 = r10
            r2 += -4
            call bpf_map_lookup_elem
            if r0 == 0 goto out
            """;

    private record Case(String title, String kind, int flags, boolean accepted, String text) {
        @Override
        public String toString() {
            return title + " " + kind + (flags == MapFlags.RDONLY_PROG ? " that programs only read" : " that programs only write");
        }
    }

    private static List<Case> cases() throws IOException {
        String text;
        try (InputStream input = MapAccessTest.class.getResourceAsStream("/safety/access.txt")) {
            text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<Case> cases = new ArrayList<>();
        for (String block : Arrays.stream(text.split("(?m)^== ")).skip(1).toList()) {
            String[] lines = block.split("\n", 2);
            String[] title = lines[0].split(" => |:", -1);
            for (String kind : title[1].split(" ")) {
                for (int flags : new int[] {MapFlags.RDONLY_PROG, MapFlags.WRONLY_PROG}) {
                    int key = List.of("queue", "stack", "bloom_filter").contains(kind) ? 0 : 4;
                    String map = ".license GPL\n.map m %s %d 8 4 %d\nmain: ".formatted(kind, key, flags);
                    boolean accepted = !title[2].contains(flags == MapFlags.RDONLY_PROG ? "writes" : "reads");
                    cases.add(new Case(title[0], kind, flags, accepted, map + lines[1].replace("value\n", VALUE) + "out: r0 = 2\nexit\n"));
                }
            }
        }
        return cases;
    }

    @Test
    void strictModeKnowsWhatIsForbidden() throws IOException {
        List<String> accepted = new ArrayList<>();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("ebpf.Verify", "strict").build()) {
            for (Case each : cases()) {
                Source source = Source.newBuilder("ebpf", each.text, "access.s").mimeType(EbpfLanguage.TEXT_MIME_TYPE).build();
                try {
                    context.eval(source).getMember("programs").getMember("main").execute((Object) new byte[64]);
                    accepted.add(each.toString());
                } catch (PolyglotException e) {
                    assertTrue(e.isGuestException() && !each.accepted && e.getMessage().contains(" is rejected: "), each + ": " + e.getMessage());
                }
            }
        }
        assertEquals(expected(), accepted);
    }

    @Test
    void theKernelForbidsTheSame() throws IOException, AssemblyException {
        assumeTrue(Bpf.available(), Bpf.reason());
        List<String> accepted = new ArrayList<>();
        for (Case each : cases()) {
            ObjectSpec object = Assembler.assemble("access.s", each.text);
            try (KernelEngine.KernelSession session = KernelEngine.load(object, object.programs().getFirst())) {
                accepted.add(each.toString());
            } catch (BpfException e) {
                assertTrue(e.log().contains("into map forbidden") || e.log().contains("from map forbidden"), each + ": " + e.log());
            }
        }
        assertEquals(expected(), accepted);
    }

    private static List<String> expected() throws IOException {
        return cases().stream().filter(Case::accepted).map(Case::toString).toList();
    }
}
