package org.trufflebpf.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.trufflebpf.tests.conformance.Vectors.text;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The public bpf_conformance suite, which is not part of this project: -Dconformance.directory or the environment variable CONFORMANCE_DIRECTORY
 * names a folder with its tests in bpf_conformance.jsonl, one JSON object with name, kind, prog, mem and result to a line. Our own tests of all
 * instructions are in {@link InstructionResultsTest}.
 */
class PublicSuiteTest {
    private static final String FOLDER = System.getProperty("conformance.directory", System.getenv().getOrDefault("CONFORMANCE_DIRECTORY", ""));
    /** A call through a register, which RFC 9669 reserves. */
    private static final String RESERVED = "callx.data";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void passes(boolean compile) throws IOException {
        Path file = Path.of(FOLDER, "bpf_conformance.jsonl");
        if (FOLDER.isEmpty() || !Files.isReadable(file)) {
            String reason = "the public suite is not here: -Dconformance.directory names no folder with bpf_conformance.jsonl";
            System.out.println("skipped: " + reason);
            assumeTrue(false, reason);
        }
        List<JsonObject> tests;
        try (InputStream input = Files.newInputStream(file)) {
            tests = Vectors.read(input).stream().filter(test -> text(test, "kind").equals("positive") && !text(test, "name").equals(RESERVED))
                    .toList();
        }
        List<JsonObject> requests = tests.stream().map(test -> {
            JsonObject request = new JsonObject();
            request.addProperty("op", "run_mem");
            request.add("id", test.get("name"));
            request.add("insns", test.get("prog"));
            request.add("mem", test.get("mem"));
            return request;
        }).toList();
        List<JsonObject> answers = Vectors.answers(requests, compile ? new String[]{"--compile"} : new String[0]);
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < tests.size(); i++) {
            long expected = Long.parseUnsignedLong(text(tests.get(i), "result").substring(2), 16);
            JsonObject answer = answers.get(i);
            if (!text(answer, "status").equals("ok") || Long.parseUnsignedLong(text(answer, "r0"), 16) != expected) {
                wrong.add(text(tests.get(i), "name") + ": " + answer + ", not " + Long.toHexString(expected));
            }
        }
        assertEquals(tests.size(), answers.size());
        assertTrue(wrong.isEmpty(), wrong.size() + " of " + tests.size() + " are wrong: " + wrong);
    }
}
