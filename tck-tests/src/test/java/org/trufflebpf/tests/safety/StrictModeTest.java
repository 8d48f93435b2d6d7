package org.trufflebpf.tests.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.linux.Bpf;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.tests.KernelEngine;
import org.trufflebpf.tests.Project;
import org.trufflebpf.tests.conformance.Vectors;

/** Strict mode takes what the kernel takes and rejects what the kernel rejects for safety. */
class StrictModeTest {
    private static final Path REFUSED = Project.TEST_PROGRAMS.resolve("verify/refused.o");
    private static final String PROGRAM = "SEC(\"xdp\") int ";
    private static final String REASON = "// refused: ";

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

    /** Each program of the file says behind a comment where it is refused, and why. Linux refuses all of them, too. */
    @ParameterizedTest
    @MethodSource("refusedPrograms")
    void rejectsAtTheLineThatIsWrong(String program, int line, String reason) throws IOException {
        byte[] file = Files.readAllBytes(REFUSED);
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).option("ebpf.Verify", "strict").build()) {
            Value main = context.eval(Source.newBuilder("ebpf", REFUSED.toFile()).build()).getMember("programs").getMember(program);
            String message = assertThrows(PolyglotException.class, () -> main.execute((Object) new byte[64])).getMessage();
            assertTrue(message.contains("refused.c:" + line + " ") && message.contains("is rejected: " + reason), message);
        }
        assumeTrue(Bpf.available(), Bpf.reason());
        assertThrows(TestEngine.FailedException.class, () -> new KernelEngine().load(file, "refused.o", program).close());
    }

    static Stream<Arguments> refusedPrograms() throws IOException {
        List<String> lines = Files.readAllLines(REFUSED.resolveSibling("refused.c"));
        List<String> programs = lines.stream().filter(line -> line.startsWith(PROGRAM)).map(line -> line.substring(PROGRAM.length()).split("\\(")[0]).toList();
        int[] comments = IntStream.range(0, lines.size()).filter(line -> lines.get(line).contains(REASON)).toArray();
        assertEquals(programs.size(), comments.length);
        return IntStream.range(0, comments.length).mapToObj(number -> Arguments.of(programs.get(number), comments[number] + 1,
                lines.get(comments[number]).split(REASON)[1]));
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
