package org.trufflebpf.language.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;

/** A line from server to client. */
sealed interface Answer {

    /** What the client prints, with its line ends; more answers follow. */
    record Output(String text) implements Answer {
    }

    /** Nothing follows; all is well. */
    record Done() implements Answer {
    }

    /**
     * Nothing follows.
     *
     * @param status the client's exit code
     * @param error one line
     */
    record Failed(int status, String error) implements Answer {
    }

    default JsonElement json() {
        JsonObject json = new JsonObject();
        switch (this) {
            case Output(String text) -> json.addProperty("out", text);
            case Done() -> json.addProperty("status", 0);
            case Failed(int status, String error) -> {
                json.addProperty("error", error);
                json.addProperty("status", status);
            }
        }
        return json;
    }

    /** @throws IOException if it is none */
    static Answer of(JsonElement json) throws IOException {
        try {
            JsonObject object = json.getAsJsonObject();
            if (object.has("out")) {
                return new Output(object.get("out").getAsString());
            }
            int status = object.get("status").getAsInt();
            return status == 0 ? new Done() : new Failed(status, object.get("error").getAsString());
        } catch (IllegalStateException | NullPointerException | UnsupportedOperationException | NumberFormatException e) {
            throw new IOException("that is no answer", e);
        }
    }
}
