package org.trufflebpf.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs with several workers. */
@Timeout(120)
class WorkersRunTest {
    private static final String ENDLESS = "gen:eth / ipv4 / udp sport=1-60000";

    @TempDir
    private Path folder;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    private Context context() {
        return Context.newBuilder("ebpf").allowAllAccess(true).out(output).err(output).build();
    }

    private static Object run(Context context, String object, String... arguments) {
        List<Object> all = new ArrayList<>(List.of(object, "--allow-interpreter"));
        all.addAll(List.of(arguments));
        return context.getBindings("ebpf").getMember("run").execute(all.toArray());
    }

    private List<JsonObject> reports() {
        return output.toString(StandardCharsets.UTF_8).lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private static long count(JsonObject report, String counter) {
        return report.getAsJsonArray("ports").get(0).getAsJsonObject().getAsJsonObject(counter).get("packets").getAsLong();
    }

    /** Every packet goes from a worker to CPU 3 or 5, which count it in their own value of a per-CPU map: none is lost, none counted twice. */
    @Test
    void eachPacketIsCountedOnItsCpu() throws IOException {
        Path maps = folder.resolve("maps.json");
        Files.writeString(maps, "[{\"map\": \"cpus\", \"entries\": [{\"key\": 3, \"value\": {\"qsize\": 64, \"prog\": \"arrives\"}}, "
                + "{\"key\": 5, \"value\": {\"qsize\": 64, \"prog\": \"arrives\"}}]}]");
        Path dump = folder.resolve("dump.json");
        try (Context context = context()) {
            run(context, Project.TEST_PROGRAMS.resolve("maps/attached.o").toString(), "--workers", "2", "--stats", "json", "--port",
                    "gen:eth dst=43:03:00:00:00:00|43:05:00:00:00:00,count=100K", "--map-init", maps.toString(), "--map-dump", dump.toString());
        }
        JsonObject report = reports().getFirst();
        assertEquals(100_000, count(report, "redirect"));
        assertEquals(100_000, count(report, "cpu_pass") + count(report, "cpu_full"));
        JsonArray workers = report.getAsJsonArray("workers");
        assertEquals(2, workers.size());
        for (int i = 0; i < 2; i++) {
            assertEquals(50_000, workers.get(i).getAsJsonObject().get("packets").getAsLong());
        }
        JsonArray seen = JsonParser.parseString(Files.readString(dump)).getAsJsonArray().asList().stream().map(each -> each.getAsJsonObject())
                .filter(map -> map.get("map").getAsString().equals("seen")).findFirst().orElseThrow().getAsJsonArray("entries").get(0)
                .getAsJsonObject().getAsJsonArray("value");
        assertEquals(count(report, "cpu_pass"), seen.get(3).getAsLong() + seen.get(5).getAsLong());
        assertTrue(seen.get(3).getAsLong() > 0 && seen.get(5).getAsLong() > 0, seen.toString());
    }

    @Test
    void theNumbersSoFarArePrintedNowAndThen() {
        try (Context context = context()) {
            run(context, Project.DROP.toString(), "--workers", "2", "--stats", "json", "--stats-interval", "0.2", "--duration", "1", "--port",
                    ENDLESS + ",rate=10K");
        }
        List<JsonObject> reports = reports();
        assertTrue(reports.size() >= 3, reports.size() + " reports");
        assertTrue(reports.getFirst().get("packets").getAsLong() < reports.getLast().get("packets").getAsLong());
    }

    /** A run that goes on for ever, in a thread of its own, once it has counted something. */
    private FutureTask<Object> running(Context context, String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("--stats", "json", "--stats-interval", "0.1"));
        all.addAll(List.of(arguments));
        FutureTask<Object> run = new FutureTask<>(() -> run(context, Project.DROP.toString(), all.toArray(String[]::new)));
        Thread.ofPlatform().daemon().start(run);
        while (output.size() == 0 && !run.isDone()) {
            Thread.sleep(10);
        }
        return run;
    }

    @ParameterizedTest
    @CsvSource({"--workers=1", "--workers=2"})
    void closingTheContextEndsTheRun(String workers) throws Exception {
        Context context = context();
        FutureTask<Object> run = running(context, workers, "--port", ENDLESS, "--port", ENDLESS + ",rate=100");
        context.close(true);
        ExecutionException e = assertThrows(ExecutionException.class, () -> run.get(60, TimeUnit.SECONDS));
        assertTrue(e.getCause() instanceof PolyglotException cancelled && cancelled.isCancelled(), e.toString());
    }

    @ParameterizedTest
    @CsvSource({"--workers=2", "--workers=1", "--busy-poll"})
    void stoppingEndsTheRunWithItsNumbers(String option) throws Exception {
        try (Context context = context()) {
            FutureTask<Object> run = running(context, option, "--port", ENDLESS + ",rate=1K");
            context.getBindings("ebpf").getMember("stop").executeVoid();
            run.get(60, TimeUnit.SECONDS);
        }
        List<JsonObject> reports = reports();
        assertTrue(reports.size() > 1);
        assertEquals(reports.getLast().get("packets").getAsLong(), count(reports.getLast(), "pass") + count(reports.getLast(), "drop")
                + count(reports.getLast(), "aborted"));
    }

    @Test
    void threadsMustBeAllowed() {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).allowCreateThread(false).out(output).err(output).build()) {
            PolyglotException e = assertThrows(PolyglotException.class,
                    () -> run(context, Project.DROP.toString(), "--workers", "2", "--port", ENDLESS + ",count=10"));
            assertEquals("--workers 2: the embedder does not allow threads", e.getMessage());
        }
    }
}
