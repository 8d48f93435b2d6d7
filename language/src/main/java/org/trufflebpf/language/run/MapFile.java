package org.trufflebpf.language.run;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.trufflebpf.language.codec.Json;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapKind;

/**
 * Contents of maps as JSON: {@code [{"map": NAME, "entries": [{"key": KEY, "value": VALUE}, ...]}, ...]}. Keys and values are what their types in C
 * say ({@link Json}); without a type they are strings of hexadecimal digits, arrays of bytes from 0 to 255 or, of 1, 2, 4 or 8 bytes, numbers.
 * Hexadecimal digits are taken for every type, as its bytes in memory. The value of a per-CPU map is an array with a value for each CPU, or a value
 * that every CPU gets. Entries of queues and stacks have no key and stand in the order in which they are taken out.
 */
final class MapFile {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping()
            .setFormattingStyle(FormattingStyle.COMPACT.withSpaceAfterSeparators(true)).create();
    private static final TypeAdapter<JsonElement> ELEMENTS = GSON.getAdapter(JsonElement.class);

    private final List<BpfMap> maps;

    MapFile(List<BpfMap> maps) {
        this.maps = maps;
    }

    /** @throws CommandException if the contents make no sense or do not fit the maps */
    void fill(String file, byte[] json) {
        JsonReader reader = new JsonReader(new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8));
        reader.setStrictness(Strictness.STRICT);
        try {
            reader.beginArray();
            while (reader.hasNext()) {
                fillMap(reader);
            }
            reader.endArray();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException("something follows the array");
            }
        } catch (MapException e) {
            throw CommandException.failed(file + ": " + reader.getPreviousPath() + ": " + e.getMessage());
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst(" path \\S+$", "");
            // The parser's own advice is for programmers.
            reason = e instanceof MalformedJsonException ? "malformed JSON" + reason.replaceFirst(".*(?= at line)", "") : reason;
            throw CommandException.failed(file + ": " + reader.getPreviousPath() + ": " + reason);
        }
    }

    private void fillMap(JsonReader reader) throws IOException {
        reader.beginObject();
        if (!reader.hasNext() || !reader.nextName().equals("map")) {
            throw new IllegalArgumentException("\"map\" with a name must come first");
        }
        String name = reader.nextString();
        BpfMap map = maps.stream().filter(each -> each.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the object has no map " + name));
        if (!reader.nextName().equals("entries")) {
            throw new IllegalArgumentException("\"entries\" must follow");
        }
        List<BpfMap.Entry> entries = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            BpfMap.Entry entry = readEntry(reader, map);
            if (map.kind() == MapKind.STACK) {
                entries.add(entry);
            } else {
                MapEntries.put(map, entry.key(), entry.value());
            }
        }
        reader.endArray();
        reader.endObject();
        Collections.reverse(entries);
        for (BpfMap.Entry entry : entries) {
            MapEntries.put(map, entry.key(), entry.value());
        }
    }

    private static BpfMap.Entry readEntry(JsonReader reader, BpfMap map) throws IOException {
        byte[] key = MapEntries.isKeyless(map) ? new byte[0] : null;
        byte[] value = null;
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            switch (name) {
                case "key" -> key = encode(map, "key", map.keyCodec(), ELEMENTS.read(reader));
                case "value" -> value = encodeValue(map, ELEMENTS.read(reader));
                default -> throw new IllegalArgumentException("an entry has a key and a value, not \"" + name + "\"");
            }
        }
        reader.endObject();
        if (key == null || value == null) {
            throw new IllegalArgumentException("the entry has no " + (key == null ? "key" : "value"));
        }
        return new BpfMap.Entry(key, value);
    }

    /** One value, or those of all CPUs, as {@link MapEntries#put} takes them. */
    private static byte[] encodeValue(BpfMap map, JsonElement element) {
        int stride = MapEntries.perCpuStride(map);
        if (stride == 0 || !(element instanceof JsonArray values) || values.size() != map.cpus()) {
            return encode(map, "value", map.valueCodec(), element);
        }
        byte[] bytes = new byte[map.controlValueSize()];
        for (int cpu = 0; cpu < map.cpus(); cpu++) {
            byte[] one = encode(map, "value: CPU " + cpu, map.valueCodec(), values.get(cpu));
            System.arraycopy(one, 0, bytes, cpu * stride, one.length);
        }
        return bytes;
    }

    private static byte[] encode(BpfMap map, String what, Codec codec, JsonElement element) {
        try {
            return codec.encode(Json.view(element));
        } catch (MapException e) {
            return Json.bytes(element, codec.size())
                    .orElseThrow(() -> new MapException(e.errno(), "map " + map.name() + ": " + what + ": " + e.detail()));
        }
    }

    /** Writes all maps, one entry a line, without those elements of arrays that are zero. */
    void write(Writer writer) throws IOException {
        writer.write("[");
        String betweenMaps = "\n";
        for (BpfMap map : maps) {
            writer.write(betweenMaps + " {\"map\": " + GSON.toJson(map.name()) + ", \"entries\": [");
            String betweenEntries = "\n";
            for (BpfMap.Entry entry : MapEntries.of(map, false)) {
                String key = MapEntries.isKeyless(map) ? "" : "\"key\": " + GSON.toJson(Json.of(map.keyCodec(), entry.key())) + ", ";
                writer.write(betweenEntries + "  {" + key + "\"value\": " + GSON.toJson(value(map, entry.value())) + "}");
                betweenEntries = ",\n";
            }
            writer.write("]}");
            betweenMaps = ",\n";
        }
        writer.write("\n]\n");
    }

    private static JsonElement value(BpfMap map, byte[] bytes) {
        int stride = MapEntries.perCpuStride(map);
        if (stride == 0) {
            return Json.of(map.valueCodec(), bytes);
        }
        JsonArray values = new JsonArray();
        for (int offset = 0; offset < bytes.length; offset += stride) {
            values.add(Json.of(map.valueCodec(), Arrays.copyOfRange(bytes, offset, offset + map.valueSize())));
        }
        return values;
    }
}
