package org.trufflebpf.tests.conformance;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.graalvm.polyglot.Context;

/** Recorded answers of Linux 6.18, one test in JSON to a line, and the batch service that the same questions are put to. */
public final class Vectors {
    static final Path FOLDER = Path.of("src", "test", "resources", "conformance");

    private Vectors() {
    }

    /** All lines of a file of this package's resources, gzipped or not. */
    public static List<JsonObject> of(String file) {
        try (InputStream raw = Vectors.class.getResourceAsStream("/conformance/" + file)) {
            return read(file.endsWith(".gz") ? new GZIPInputStream(raw) : raw);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonObject> read(InputStream input) {
        return new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8)).lines().filter(line -> !line.isBlank())
                .map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    /** The answers of one batch in a context of its own, in which no failed compilation stays unseen. */
    static List<JsonObject> answers(List<JsonObject> requests, String... arguments) {
        StringBuilder lines = new StringBuilder();
        requests.forEach(request -> lines.append(request).append('\n'));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).allowExperimentalOptions(true).out(output)
                .err(new ByteArrayOutputStream())
                .in(new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8))).option("engine.BackgroundCompilation", "false")
                .option("engine.CompilationFailureAction", "Throw").build()) {
            context.getBindings("ebpf").getMember("batch").execute((Object[]) arguments);
        }
        return read(new ByteArrayInputStream(output.toByteArray()));
    }

    /** The fields of {@code source} by these names. */
    static JsonObject copy(JsonObject source, String... names) {
        JsonObject copy = new JsonObject();
        for (String name : names) {
            copy.add(name, source.get(name));
        }
        return copy;
    }

    static String text(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element == null || element.isJsonNull() ? "" : element.getAsString();
    }

    /** Equal, where a question mark in what is expected stands for any digit. */
    static boolean matches(String expected, String actual) {
        if (expected.length() != actual.length()) {
            return false;
        }
        for (int i = 0; i < expected.length(); i++) {
            if (expected.charAt(i) != '?' && expected.charAt(i) != actual.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
