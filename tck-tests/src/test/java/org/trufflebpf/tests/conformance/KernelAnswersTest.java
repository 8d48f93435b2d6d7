package org.trufflebpf.tests.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.trufflebpf.tests.conformance.Vectors.matches;
import static org.trufflebpf.tests.conformance.Vectors.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What Linux 6.18 answered to random programs and to broken ones is what the batch service answers. With -Dconformance.all every program is
 * compiled too, which takes a minute; without it a sample is.
 */
class KernelAnswersTest {
    private static final String PROGRAMS = "pos_share.jsonl.gz";
    private static final int SAMPLE = 100;

    @Test
    void validProgramsInterpreted() {
        check(Vectors.of(PROGRAMS));
    }

    @Test
    void validProgramsCompiled() {
        List<JsonObject> vectors = new ArrayList<>(Vectors.of(PROGRAMS));
        if (System.getProperty("conformance.all") == null) {
            Collections.shuffle(vectors, new Random(618));
            vectors = vectors.subList(0, SAMPLE);
        }
        check(vectors, "--compile");
    }

    private static void check(List<JsonObject> vectors, String... arguments) {
        List<JsonObject> answers = Vectors.answers(vectors.stream().map(KernelAnswersTest::request).toList(), arguments);
        assertEquals(vectors.size(), answers.size());
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            String difference = difference(vectors.get(i), answers.get(i));
            if (difference != null) {
                wrong.add(text(vectors.get(i), "id") + ": " + difference);
            }
        }
        assertTrue(wrong.isEmpty(), wrong.size() + " of " + vectors.size() + " are wrong: " + wrong);
    }

    private static JsonObject request(JsonObject vector) {
        JsonObject request = Vectors.copy(vector, "id", "insns", "relocs", "maps");
        request.addProperty("op", "run_raw");
        JsonArray packets = new JsonArray();
        vector.getAsJsonArray("runs").forEach(run -> packets.add(run.getAsJsonObject().get("pkt")));
        request.add("packets", packets);
        return request;
    }

    private static String difference(JsonObject vector, JsonObject answer) {
        if (!text(answer, "status").equals("ok")) {
            return text(answer, "reason");
        }
        JsonArray expected = vector.getAsJsonArray("runs");
        JsonArray runs = answer.getAsJsonArray("runs");
        for (int i = 0; i < expected.size(); i++) {
            JsonObject run = expected.get(i).getAsJsonObject();
            JsonArray actual = runs.get(i).getAsJsonArray();
            if (run.get("retval").getAsLong() != actual.get(0).getAsLong()) {
                return "packet " + i + " gives " + actual.get(0) + ", not " + run.get("retval");
            }
            if (!matches(run.get("out").getAsString(), actual.get(1).getAsString())) {
                return "packet " + i + " becomes " + actual.get(1) + ", not " + run.get("out");
            }
        }
        for (Map.Entry<String, JsonElement> map : vector.getAsJsonObject("maps_out").entrySet()) {
            if (!map.getValue().equals(answer.getAsJsonObject("maps").get(map.getKey()))) {
                return "map " + map.getKey() + " holds " + answer.getAsJsonObject("maps").get(map.getKey()) + ", not " + map.getValue();
            }
        }
        return null;
    }

    @Test
    void unusedFieldsAreRejected() {
        assertAllRejected(Vectors.of("unused_fields.jsonl"), 45);
    }

    @Test
    void brokenEncodingsAreRejected() {
        assertAllRejected(Vectors.of("neg_mut_share.jsonl.gz").stream().filter(vector -> text(vector, "cls").equals("encoding")).toList(), 175);
    }

    private static void assertAllRejected(List<JsonObject> vectors, int count) {
        assertEquals(count, vectors.size());
        List<JsonObject> answers = Vectors.answers(vectors.stream().map(vector -> {
            JsonObject request = Vectors.copy(vector, "id", "insns", "relocs", "maps");
            request.addProperty("op", "verify_raw");
            return request;
        }).toList());
        for (int i = 0; i < count; i++) {
            assertEquals("reject", text(answers.get(i), "status"), vectors.get(i) + "\n" + answers.get(i));
            assertTrue(text(answers.get(i), "reason").contains("instruction "), answers.get(i).toString());
        }
    }

    /** The probe programs of one object; those that need what is not there yet say so. */
    @Test
    void probes() {
        List<JsonObject> vectors = Vectors.of("elf_share.jsonl.gz");
        List<JsonObject> requests = vectors.stream().map(vector -> {
            JsonObject request = Vectors.copy(vector, "id", "program", "resize", "init");
            request.addProperty("op", "run_elf");
            request.addProperty("object", Vectors.FOLDER.resolve(text(vector, "object")).toString());
            JsonArray packets = new JsonArray();
            vector.getAsJsonArray("steps")
                    .forEach(step -> packets.add(vector.getAsJsonObject("packets").get(step.getAsJsonArray().get(0).getAsString())));
            request.add("packets", packets);
            return request;
        }).toList();
        List<JsonObject> answers = Vectors.answers(requests);
        assertEquals(vectors.size(), answers.size());
        for (int i = 0; i < answers.size(); i++) {
            JsonObject answer = answers.get(i);
            if (text(answer, "reason").contains("which is not supported")) {
                System.out.println("skipped: " + text(vectors.get(i), "id") + ": " + text(answer, "reason"));
            } else {
                assertEquals("ok", text(answer, "status"), answer.toString());
                checkProbe(vectors.get(i), requests.get(i), answer);
            }
        }
    }

    private static void checkProbe(JsonObject vector, JsonObject request, JsonObject answer) {
        String id = text(vector, "id");
        JsonArray steps = vector.getAsJsonArray("steps");
        for (int i = 0; i < steps.size(); i++) {
            JsonArray step = steps.get(i).getAsJsonArray();
            JsonArray run = answer.getAsJsonArray("runs").get(i).getAsJsonArray();
            if (!step.get(1).isJsonNull()) {
                assertEquals(step.get(1).getAsLong(), run.get(0).getAsLong(), id + ", step " + i);
                String packet = step.get(2).isJsonNull() ? request.getAsJsonArray("packets").get(i).getAsString() : step.get(2).getAsString();
                assertTrue(packet.equals("?") || matches(packet, run.get(1).getAsString()), id + ", step " + i + ": " + run.get(1) + ", not "
                        + packet);
                if (!step.get(3).isJsonNull()) {
                    step.get(3).getAsJsonObject().entrySet()
                            .forEach(records -> assertRecords(id + ", " + records.getKey(), records.getValue().getAsJsonArray(),
                            run.size() > 2 ? run.get(2).getAsJsonObject().getAsJsonArray(records.getKey()) : null));
                }
            }
        }
        vector.getAsJsonObject("maps_out").entrySet().forEach(map -> {
            boolean lru = text(vector.getAsJsonObject("maps").getAsJsonObject(map.getKey()), "type").startsWith("lru");
            if (!map.getValue().isJsonNull() && !lru) {
                assertEntries(id + ", map " + map.getKey(), map.getValue().getAsJsonArray(),
                        answer.getAsJsonObject("maps").getAsJsonArray(map.getKey()));
            }
        });
    }

    private static void assertRecords(String what, JsonArray expected, JsonArray actual) {
        int count = actual == null ? 0 : actual.size();
        assertEquals(expected.size(), count, what);
        for (int i = 0; i < count; i++) {
            assertTrue(matches(expected.get(i).getAsString(), actual.get(i).getAsString()), what + ": " + actual + ", not " + expected);
        }
    }

    private static void assertEntries(String what, JsonArray expected, JsonArray actual) {
        List<JsonArray> sorted = new ArrayList<>();
        actual.forEach(entry -> sorted.add(entry.getAsJsonArray()));
        sorted.sort(Comparator.comparing(entry -> entry.get(0).getAsString()));
        assertEquals(expected.size(), sorted.size(), what);
        for (int i = 0; i < sorted.size(); i++) {
            JsonArray entry = expected.get(i).getAsJsonArray();
            assertEquals(entry.get(0), sorted.get(i).get(0), what);
            assertTrue(matches(entry.get(1).getAsString(), sorted.get(i).get(1).getAsString()), what + ": " + actual + ", not " + expected);
        }
    }
}
