package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.tests.conformance.Vectors;
import org.trufflebpf.tests.safety.GuardedProgram.Outcome;

/** Programs that the kernel rejects, and that are well-formed: each is rejected here too, or runs without harm, interpreted and compiled. */
class RejectedByKernelTest {
    private static final long LOOP_ITERATIONS = 10_000;

    @Test
    void areHarmless() {
        int rejected = 0;
        int ran = 0;
        List<byte[]> packets = packets();
        try (EnteredContext context = new EnteredContext(LOOP_ITERATIONS)) {
            for (JsonObject vector : Vectors.of("neg_mut_share.jsonl.gz")) {
                if (vector.get("cls").getAsString().equals("encoding")) {
                    continue;
                }
                try {
                    List<Outcome> interpreted = run(vector, packets, false);
                    assertEquals(packets.size(), interpreted.size());
                    run(vector, packets, true);
                    ran++;
                } catch (EbpfException e) {
                    assertEquals(EbpfException.Failure.REJECTED, e.failure(), e.getMessage());
                    rejected++;
                }
                assertTrue(context.errors().stream().allMatch(line -> line.startsWith("ebpf: trapped: program 'main', instruction ")),
                        context.errors().toString());
            }
        }
        System.out.println("programs that the kernel rejects: " + rejected + " rejected, " + ran + " harmless");
        assertEquals(76, rejected + ran);
        assertTrue(rejected > 30, "only " + rejected + " rejected");
    }

    private static List<Outcome> run(JsonObject vector, List<byte[]> packets, boolean compile) {
        try (GuardedProgram program = new GuardedProgram(object(vector), "main")) {
            if (compile) {
                program.compile();
            }
            return packets.stream().map(program::run).toList();
        }
    }

    private static List<byte[]> packets() {
        Random random = new Random(9669);
        List<byte[]> packets = new ArrayList<>();
        for (int length : new int[]{0, 1, 14, 60, 64, 128, 300, 1514, 3520}) {
            packets.add(new byte[length]);
            byte[] noise = new byte[length];
            random.nextBytes(noise);
            packets.add(noise);
        }
        return packets;
    }

    private static ObjectSpec object(JsonObject vector) {
        Map<Integer, MapReference> references = new HashMap<>();
        for (JsonElement element : vector.getAsJsonArray("relocs")) {
            JsonObject reference = element.getAsJsonObject();
            references.put(reference.get("insn").getAsInt(),
                    new MapReference(reference.get("map").getAsString(), reference.get("kind").getAsString().equals("value")));
        }
        List<MapSpec> maps = new ArrayList<>();
        for (Map.Entry<String, JsonElement> entry : vector.getAsJsonObject("maps").entrySet()) {
            JsonObject map = entry.getValue().getAsJsonObject();
            maps.add(MapSpec.of(entry.getKey(), map.get("type").getAsInt(), map.get("key_size").getAsInt(), map.get("value_size").getAsInt(),
                    map.get("max_entries").getAsLong()));
        }
        byte[] code = HexFormat.of().parseHex(vector.get("insns").getAsString());
        return new ObjectSpec(List.of(ProgramSpec.of("main", code, references)), maps, null, "GPL");
    }
}
