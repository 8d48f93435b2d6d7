package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.trufflebpf.tests.Project;
import org.trufflebpf.tests.conformance.Vectors;

/** Strict mode takes what the kernel takes and rejects what the kernel rejects for safety. */
class StrictModeTest {

    @Test
    void acceptsWhatTheKernelAccepts() {
        List<JsonObject> vectors = Vectors.of("pos_share.jsonl.gz");
        List<JsonObject> rejected = verify(vectors).stream().filter(answer -> !status(answer).equals("accept")).toList();
        assertTrue(rejected.size() <= vectors.size() / 50, rejected::toString);
    }

    @Test
    void rejectsWhatTheKernelRejectsForSafety() {
        List<JsonObject> vectors = Vectors.of("neg_mut_share.jsonl.gz").stream().filter(vector -> !vector.get("cls").getAsString().equals("policy"))
                .toList();
        assertEquals(List.of(), verify(vectors).stream().filter(answer -> !status(answer).equals("reject")).toList());
    }

    @Test
    void acceptsAllNetworkFunctions() throws IOException {
        int ran = 0;
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("ebpf.Verify", "strict").build()) {
            for (Path object : Project.files(Project.PROGRAMS, ".o")) {
                if (!object.toString().contains("target")) {
                    Value programs = context.eval(Source.newBuilder("ebpf", object.toFile()).build()).getMember("programs");
                    for (String name : programs.getMemberKeys()) {
                        // One that is rejected throws, and says why.
                        programs.getMember(name).execute((Object) new byte[64]);
                        ran++;
                    }
                }
            }
        }
        assertTrue(ran > 20, ran + " programs");
    }

    private static String status(JsonObject answer) {
        return answer.get("status").getAsString();
    }

    private static List<JsonObject> verify(List<JsonObject> vectors) {
        StringBuilder lines = new StringBuilder();
        vectors.forEach(vector -> {
            JsonObject request = new JsonObject();
            request.addProperty("op", "verify_raw");
            Stream.of("id", "insns", "relocs", "maps").forEach(name -> request.add(name, vector.get(name)));
            lines.append(request).append('\n');
        });
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("ebpf.Verify", "strict").out(output)
                .in(new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8))).build()) {
            context.getBindings("ebpf").getMember("batch").execute();
        }
        return output.toString(StandardCharsets.UTF_8).lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }
}
