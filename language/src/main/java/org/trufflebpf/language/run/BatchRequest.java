package org.trufflebpf.language.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.isa.MapReference;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;

/** One line of a batch, read field by field. What is missing or of the wrong kind is an IllegalArgumentException that names the field. */
record BatchRequest(JsonObject fields) {
    /** The name that bare code gets. */
    static final String BARE_PROGRAM = "main";

    String text(String name) {
        JsonElement field = field(name);
        if (!field.isJsonPrimitive()) {
            throw new IllegalArgumentException(name + " is no text");
        }
        return field.getAsString();
    }

    byte[] bytes(String name) {
        return hex(name, field(name));
    }

    /** @param longest most bytes of one */
    List<byte[]> packets(int longest) {
        List<byte[]> packets = new ArrayList<>();
        for (JsonElement packet : list(field("packets"), "packets")) {
            byte[] bytes = hex("packets", packet);
            if (bytes.length > longest) {
                throw new IllegalArgumentException("packets: " + bytes.length + " bytes are more than the " + longest + " of a frame");
            }
            packets.add(bytes);
        }
        return packets;
    }

    /** An object of one program and its maps. The licence is what allows all helpers. */
    ObjectSpec bareObject() {
        Map<Integer, MapReference> references = new HashMap<>();
        for (JsonElement element : list(field("relocs"), "relocs")) {
            BatchRequest reference = nested(element, "relocs");
            boolean value = switch (reference.text("kind")) {
                case "fd" -> false;
                case "value" -> true;
                default -> throw new IllegalArgumentException("relocs: kind must be fd or value");
            };
            references.put((int) reference.number("insn"), new MapReference(reference.text("map"), value));
        }
        List<MapSpec> maps = new ArrayList<>();
        nested(field("maps"), "maps").fields.asMap().forEach((name, element) -> {
            BatchRequest map = nested(element, name);
            maps.add(MapSpec.of(name, (int) map.number("type"), (int) map.number("key_size"), (int) map.number("value_size"),
                    map.number("max_entries")));
        });
        return new ObjectSpec(List.of(ProgramSpec.of(BARE_PROGRAM, bytes("insns"), references)), maps, null, "GPL");
    }

    /** By the map's name, the entries that it starts with: of each map's description, or of the field {@code init} of its own. */
    Map<String, JsonArray> initialEntries() {
        Map<String, JsonArray> entries = new HashMap<>();
        if (fields.has("maps")) {
            nested(field("maps"), "maps").fields.asMap().forEach((name, map) -> {
                if (nested(map, name).fields.has("init")) {
                    entries.put(name, list(nested(map, name).field("init"), name));
                }
            });
        }
        if (fields.has("init")) {
            nested(field("init"), "init").fields.asMap().forEach((name, list) -> entries.put(name, list(list, name)));
        }
        return entries;
    }

    /** What the field {@code inner} describes. */
    MapSpec innerMap(String outer) {
        BatchRequest inner = nested(field("inner"), outer);
        int flags = inner.fields.has("flags") ? (int) inner.number("flags") : 0;
        return MapSpec.of(outer + "[...]", (int) inner.number("type"), (int) inner.number("key_size"), (int) inner.number("value_size"),
                inner.number("max_entries")).withFlags(flags);
    }

    /** What it starts with. */
    JsonArray innerEntries(String outer) {
        BatchRequest inner = nested(field("inner"), outer);
        return inner.fields.has("entries") ? list(inner.field("entries"), outer) : new JsonArray();
    }

    /** By the map's name. */
    Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        if (fields.has("resize")) {
            BatchRequest resize = nested(field("resize"), "resize");
            resize.fields.keySet().forEach(name -> sizes.put(name, resize.number(name)));
        }
        return sizes;
    }

    long number(String name) {
        JsonElement field = field(name);
        if (field.isJsonPrimitive() && field.getAsJsonPrimitive().isNumber()) {
            try {
                return Math.clamp(Long.parseLong(field.getAsString()), Integer.MIN_VALUE, 0xffffffffL);
            } catch (NumberFormatException e) {
                // Said below.
            }
        }
        throw new IllegalArgumentException(name + " is no whole number");
    }

    private JsonElement field(String name) {
        JsonElement field = fields.get(name);
        if (field == null) {
            throw new IllegalArgumentException("no " + name);
        }
        return field;
    }

    static BatchRequest nested(JsonElement element, String name) {
        if (!element.isJsonObject()) {
            throw new IllegalArgumentException(name + " is no object");
        }
        return new BatchRequest(element.getAsJsonObject());
    }

    private static JsonArray list(JsonElement element, String name) {
        if (!element.isJsonArray()) {
            throw new IllegalArgumentException(name + " is no array");
        }
        return element.getAsJsonArray();
    }

    static byte[] hex(String name, JsonElement element) {
        try {
            if (element.isJsonPrimitive()) {
                return HexFormat.of().parseHex(element.getAsString());
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException(name + ": not an even number of hexadecimal digits");
    }
}
