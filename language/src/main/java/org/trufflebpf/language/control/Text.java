package org.trufflebpf.language.control;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import java.math.BigInteger;

/** A value of any language as text for people and programs: strings as they are, nothing for nothing, everything else as JSON. */
final class Text {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();
    private static final Gson GSON = new Gson();
    /** Objects in objects, against cycles. */
    private static final int MAX_DEPTH = 32;
    /** Against endless ones. */
    private static final int MAX_PARTS = 1 << 20;

    private int parts;

    private Text() {
    }

    static String of(Object value) throws InteropException {
        if (INTEROP.isNull(value)) {
            return "";
        }
        return INTEROP.isString(value) ? INTEROP.asString(value) : GSON.toJson(new Text().json(value, 0));
    }

    private JsonElement json(Object value, int depth) throws InteropException {
        if (INTEROP.isNull(value)) {
            return JsonNull.INSTANCE;
        }
        if (INTEROP.isString(value)) {
            return new JsonPrimitive(INTEROP.asString(value));
        }
        if (INTEROP.isBoolean(value)) {
            return new JsonPrimitive(INTEROP.asBoolean(value));
        }
        if (INTEROP.fitsInBigInteger(value)) {
            BigInteger number = INTEROP.asBigInteger(value);
            return new JsonPrimitive(number);
        }
        if (INTEROP.fitsInDouble(value)) {
            double number = INTEROP.asDouble(value);
            return Double.isFinite(number) ? new JsonPrimitive(number) : new JsonPrimitive(Double.toString(number));
        }
        if (depth == MAX_DEPTH || ++parts > MAX_PARTS) {
            return new JsonPrimitive("...");
        }
        if (INTEROP.hasArrayElements(value)) {
            JsonArray array = new JsonArray();
            long size = INTEROP.getArraySize(value);
            for (long i = 0; i < size && parts <= MAX_PARTS; i++) {
                array.add(json(INTEROP.readArrayElement(value, i), depth + 1));
                parts++;
            }
            return array;
        }
        if (INTEROP.hasMembers(value) && !INTEROP.isExecutable(value)) {
            JsonObject object = new JsonObject();
            Object names = INTEROP.getMembers(value);
            long size = INTEROP.getArraySize(names);
            for (long i = 0; i < size; i++) {
                String name = INTEROP.asString(INTEROP.readArrayElement(names, i));
                object.add(name, json(INTEROP.readMember(value, name), depth + 1));
            }
            return object;
        }
        return new JsonPrimitive(INTEROP.asString(INTEROP.toDisplayString(value)));
    }
}
