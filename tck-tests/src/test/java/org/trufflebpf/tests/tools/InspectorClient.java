package org.trufflebpf.tests.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** As much of the Chrome DevTools Protocol as a session needs. */
final class InspectorClient implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<JsonObject> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int sequence;

    InspectorClient(String url) {
        socket = http.newWebSocketBuilder().buildAsync(URI.create(url), new Messages()).join();
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
                text.setLength(0);
                (message.has("id") ? answers : events).add(message);
            }
            from.request(1);
            return null;
        }
    }

    private static JsonObject next(BlockingQueue<JsonObject> from, String what) throws InterruptedException {
        JsonObject message = from.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no " + what + " in " + PATIENCE_SECONDS + " s");
        }
        return message;
    }

    JsonObject request(String method, Map<String, ?> parameters) throws InterruptedException {
        int number = ++sequence;
        socket.sendText(Json.of(Map.of("id", number, "method", method, "params", parameters)).toString(), true).join();
        JsonObject answer = next(answers, "answer to " + method);
        if (answer.get("id").getAsInt() != number || answer.has("error")) {
            throw new AssertionError(method + ": " + answer);
        }
        return answer.getAsJsonObject("result");
    }

    /** The next event of that name; those before it are forgotten. */
    JsonObject event(String method) throws InterruptedException {
        JsonObject event = next(events, method);
        while (!event.get("method").getAsString().equals(method)) {
            event = next(events, method);
        }
        return event.getAsJsonObject("params");
    }

    /** Members by name, each a remote object. */
    JsonObject properties(JsonObject object) throws InterruptedException {
        JsonObject byName = new JsonObject();
        JsonObject answer = request("Runtime.getProperties", Map.of("objectId", object.get("objectId").getAsString(), "ownProperties", true));
        for (JsonElement property : answer.getAsJsonArray("result")) {
            if (property.getAsJsonObject().has("value")) {
                byName.add(property.getAsJsonObject().get("name").getAsString(), property.getAsJsonObject().get("value"));
            }
        }
        return byName;
    }

    JsonObject open(JsonObject properties, String name) throws InterruptedException {
        assertTrue(properties.has(name), () -> "no " + name + " in " + properties);
        return properties(properties.getAsJsonObject(name));
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
