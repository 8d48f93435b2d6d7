package org.trufflebpf.language.run;

import com.google.gson.JsonParseException;
import com.google.gson.stream.MalformedJsonException;
import java.util.Map;
import org.trufflebpf.language.object.OneLine;

/** What is wrong with a JSON text, for people: the parser's own messages name its classes and give advice to programmers. */
final class JsonError {
    private static final Map<String, String> TOKENS = Map.of("BEGIN_ARRAY", "an array", "END_ARRAY", "an array's end", "BEGIN_OBJECT", "an object",
            "END_OBJECT", "an object's end", "STRING", "a text", "NUMBER", "a number", "BOOLEAN", "a truth value", "NULL", "null", "NAME", "a name");

    private JsonError() {
    }

    /** @return one line */
    static String reason(Throwable thrown) {
        if (thrown instanceof StackOverflowError) {
            return "nested too deeply";
        }
        Throwable cause = thrown instanceof JsonParseException && thrown.getCause() != null ? thrown.getCause() : thrown;
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("").replaceFirst(" path \\S+$", "");
        if (cause instanceof MalformedJsonException) {
            return "malformed JSON" + OneLine.of(message.replaceFirst(".*(?= at line)", ""));
        }
        for (Map.Entry<String, String> token : TOKENS.entrySet()) {
            message = message.replace(token.getKey(), token.getValue());
        }
        return OneLine.of(message);
    }
}
