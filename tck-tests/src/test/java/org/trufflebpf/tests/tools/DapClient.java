package org.trufflebpf.tests.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** As much of an editor's side of the Debug Adapter Protocol as a session needs. */
final class DapClient implements AutoCloseable {
    private static final int PATIENCE_MILLISECONDS = 60_000;

    private final Socket socket;
    private final InputStream input;
    private final OutputStream output;
    private final List<JsonObject> events = new ArrayList<>();
    private int sequence;

    DapClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLISECONDS);
        input = new BufferedInputStream(socket.getInputStream());
        output = socket.getOutputStream();
    }

    /** @return the answer's body */
    JsonObject request(String command, Map<String, ?> arguments) throws IOException {
        JsonObject answer = answer(command, arguments);
        if (!answer.get("success").getAsBoolean()) {
            throw new AssertionError(command + ": " + answer);
        }
        return answer.has("body") ? answer.getAsJsonObject("body") : new JsonObject();
    }

    /** The text of an expression's value, or what is wrong with it. */
    String evaluate(String expression, int frame, String context) throws IOException {
        JsonObject answer = answer("evaluate", Map.of("expression", expression, "frameId", frame, "context", context));
        JsonObject body = answer.getAsJsonObject("body");
        return answer.get("success").getAsBoolean() ? body.get("result").getAsString() : body.getAsJsonObject("error").get("format").getAsString();
    }

    private JsonObject answer(String command, Map<String, ?> arguments) throws IOException {
        int number = ++sequence;
        JsonObject message = Json.of(Map.of("seq", number, "type", "request", "command", command, "arguments", arguments));
        byte[] body = message.toString().getBytes(StandardCharsets.UTF_8);
        output.write(("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        output.write(body);
        output.flush();
        while (true) {
            JsonObject answer = read();
            if (answer.get("type").getAsString().equals("event")) {
                events.add(answer);
            } else if (answer.get("request_seq").getAsInt() == number) {
                return answer;
            }
        }
    }

    /** The body of the next event of that name, also of one that came before. */
    JsonObject event(String name) throws IOException {
        while (true) {
            for (Iterator<JsonObject> all = events.iterator(); all.hasNext();) {
                JsonObject event = all.next();
                if (event.get("event").getAsString().equals(name)) {
                    all.remove();
                    return event.getAsJsonObject("body");
                }
            }
            JsonObject message = read();
            if (message.get("type").getAsString().equals("event")) {
                events.add(message);
            }
        }
    }

    /** Members by name, each with its text as "value" and, if it can be opened, its "variablesReference". */
    JsonObject variables(int reference) throws IOException {
        JsonObject byName = new JsonObject();
        for (JsonElement variable : request("variables", Map.of("variablesReference", reference)).getAsJsonArray("variables")) {
            byName.add(variable.getAsJsonObject().get("name").getAsString(), variable);
        }
        return byName;
    }

    JsonObject open(JsonObject variables, String name) throws IOException {
        assertTrue(variables.has(name), () -> "no " + name + " in " + variables);
        return variables(variables.getAsJsonObject(name).get("variablesReference").getAsInt());
    }

    private JsonObject read() throws IOException {
        int length = 0;
        for (String header = readLine(); !header.isEmpty(); header = readLine()) {
            if (header.startsWith("Content-Length:")) {
                length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
            }
        }
        return JsonParser.parseString(new String(input.readNBytes(length), StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0) {
                throw new IOException("the server closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
