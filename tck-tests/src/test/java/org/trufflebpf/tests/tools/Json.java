package org.trufflebpf.tests.tools;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.util.Map;

/** Messages of debugger protocols. */
final class Json {
    private static final Gson GSON = new Gson();

    private Json() {
    }

    static JsonObject of(Map<String, ?> members) {
        return GSON.toJsonTree(members).getAsJsonObject();
    }
}
