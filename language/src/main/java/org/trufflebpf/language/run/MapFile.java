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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.trufflebpf.language.codec.Json;
import org.trufflebpf.maps.BloomFilterMap;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapFactory;

/**
 * Contents of maps as JSON: {@code [{"map": NAME, "entries": [{"key": KEY, "value": VALUE}, ...]}, ...]}. Keys and values are what their types in C
 * say ({@link Json}); without a type they are strings of hexadecimal digits, arrays of bytes from 0 to 255 or, of 1, 2, 4 or 8 bytes, numbers.
 * Hexadecimal digits are taken for every type, as its bytes in memory. The value of a per-CPU map is an array with a value for each CPU, or a value
 * that every CPU gets. Entries of queues and stacks have no key and stand in the order in which they are taken out. Programs and inner maps have their
 * names. A bloom filter has {@code "seed": NUMBER, "bits": "HEX"} instead of entries, or entries without keys to push. Events on their way and sockets
 * are not part of it. A snapshot ends with {@code {"crc32c": "HEX"}}, a check of all bytes before.
 */
public final class MapFile {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping()
            .setFormattingStyle(FormattingStyle.COMPACT.withSpaceAfterSeparators(true)).create();
    private static final TypeAdapter<JsonElement> ELEMENTS = GSON.getAdapter(JsonElement.class);

    private final List<BpfMap> maps;

    public MapFile(List<BpfMap> maps) {
        this.maps = maps;
    }

    /**
     * Adds what the file says; of maps that it does not name and of other entries nothing changes.
     *
     * @throws CommandException if the contents make no sense or do not fit the maps; then nothing has changed, unless a map filled up meanwhile
     */
    public void fill(String file, byte[] json) {
        read(file, json, contents -> contents.forEach(MapContents::add));
    }

    /**
     * Makes the maps that the file names hold what it says and nothing else. Programs may run meanwhile: they find each key with its old or its new
     * value, and what they write at the same time may stay or go.
     *
     * @throws CommandException as {@link #fill}
     */
    void restore(String file, byte[] json) {
        read(file, json, contents -> contents.forEach(MapContents::replace));
    }

    private void read(String file, byte[] json, Consumer<List<MapContents>> apply) {
        JsonReader reader = new JsonReader(new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8));
        reader.setStrictness(Strictness.STRICT);
        List<MapContents> contents = new ArrayList<>();
        try {
            reader.beginArray();
            while (reader.hasNext()) {
                readPart(reader, json, contents);
            }
            reader.endArray();
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalArgumentException("something follows the array");
            }
        } catch (MapException e) {
            throw CommandException.failed(file + ": " + reader.getPreviousPath() + ": " + e.getMessage());
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            throw CommandException.failed(file + ": " + reader.getPreviousPath() + ": " + JsonError.reason(e));
        }
        try {
            apply.accept(contents);
        } catch (MapException e) {
            throw CommandException.failed(file + ": " + e.getMessage());
        }
    }

    private void readPart(JsonReader reader, byte[] json, List<MapContents> contents) throws IOException {
        reader.beginObject();
        String first = reader.hasNext() ? reader.nextName() : "";
        switch (first) {
            case "map" -> contents.add(readMap(reader, contents));
            case SealedOutput.NAME -> {
                reader.nextString();
                if (!SealedOutput.isWhole(json)) {
                    throw new IllegalArgumentException("the file was damaged or changed after it was written; if it was changed on purpose, "
                            + "take out its last element, " + SealedOutput.NAME);
                }
            }
            default -> throw new IllegalArgumentException("\"map\" with a name must come first");
        }
        reader.endObject();
    }

    private MapContents readMap(JsonReader reader, List<MapContents> before) throws IOException {
        String name = reader.nextString();
        BpfMap map = named(maps, name).orElseThrow(() -> new IllegalArgumentException("the object has no map " + name));
        if (before.stream().anyMatch(each -> each.map() == map)) {
            throw new IllegalArgumentException("map " + name + " stands there twice");
        }
        String next = reader.nextName();
        if (next.equals("seed") && map instanceof BloomFilterMap filter) {
            return new MapContents(map, List.of(), readBits(reader, filter));
        }
        if (!next.equals("entries")) {
            throw new IllegalArgumentException("\"entries\" must follow");
        }
        MapContents contents = new MapContents(map, readEntries(reader, map), null);
        contents.check();
        return contents;
    }

    /** Each is put into a map like the one that it is for, which takes and refuses the same. */
    private static List<BpfMap.Entry> readEntries(JsonReader reader, BpfMap map) throws IOException {
        List<BpfMap.Entry> entries = new ArrayList<>();
        reader.beginArray();
        if (reader.hasNext()) {
            try (BpfMap trial = MapFactory.createLike(map)) {
                while (reader.hasNext()) {
                    BpfMap.Entry entry = readEntry(reader, map);
                    if (trial.writable()) {
                        MapEntries.put(trial, entry.key(), entry.value());
                    }
                    entries.add(entry);
                }
            }
        }
        reader.endArray();
        return entries;
    }

    private static byte[] readBits(JsonReader reader, BloomFilterMap filter) throws IOException {
        int seed = reader.nextInt();
        if (seed != filter.seed()) {
            throw new IllegalArgumentException("map " + filter.name() + ": its bits are for the seed " + seed + ", the map has " + filter.seed()
                    + ": run with the same --seed, or give the map BPF_F_ZERO_SEED");
        }
        if (!reader.nextName().equals("bits")) {
            throw new IllegalArgumentException("\"bits\" must follow");
        }
        byte[] bits = HexFormat.of().parseHex(reader.nextString());
        try (BpfMap trial = MapFactory.createLike(filter)) {
            ((BloomFilterMap) trial).setBits(bits);
        }
        return bits;
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

    /**
     * Writes all maps, one entry a line, without those elements of arrays that are zero.
     *
     * @throws CommandException if a map holds what has no name in this object
     */
    void write(OutputStream stream) throws IOException {
        Writer writer = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
        writeMaps(writer);
        writer.write("\n]\n");
        writer.flush();
    }

    /** The same with a check at the end. */
    void writeSealed(OutputStream stream) throws IOException {
        SealedOutput output = new SealedOutput(stream);
        Writer writer = new OutputStreamWriter(output, StandardCharsets.UTF_8);
        writeMaps(writer);
        writer.write(maps.isEmpty() ? "\n" : ",\n");
        writer.flush();
        output.seal();
    }

    private void writeMaps(Writer writer) throws IOException {
        writer.write("[");
        String betweenMaps = "\n";
        for (BpfMap map : maps) {
            writer.write(betweenMaps + " {\"map\": " + GSON.toJson(map.name()) + ", ");
            if (map instanceof BloomFilterMap filter) {
                writer.write("\"seed\": " + filter.seed() + ", \"bits\": \"" + HexFormat.of().formatHex(filter.bits()) + "\"}");
            } else {
                writer.write("\"entries\": ");
                writeEntries(map, writer);
                writer.write("}");
            }
            betweenMaps = ",\n";
        }
    }

    /** Writes the array of entries of one map. */
    public static void writeEntries(BpfMap map, Writer writer) throws IOException {
        writer.write("[");
        String between = "\n";
        for (BpfMap.Entry entry : MapEntries.inOrder(map)) {
            String key = MapEntries.isKeyless(map) ? "" : "\"key\": " + GSON.toJson(Json.of(map.keyCodec(), entry.key())) + ", ";
            writer.write(between + "  {" + key + "\"value\": " + valueText(map, entry.value()) + "}");
            between = ",\n";
        }
        writer.write("]");
    }

    /** The map of that name. */
    public static Optional<BpfMap> named(List<BpfMap> maps, String name) {
        return maps.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** The bytes of a key. */
    public static byte[] key(BpfMap map, JsonElement key) {
        return encode(map, "key", map.keyCodec(), key);
    }

    /** Adds an entry or replaces a value. */
    public static void put(BpfMap map, JsonElement key, JsonElement value) {
        MapEntries.put(map, MapEntries.isKeyless(map) ? new byte[0] : key(map, key), encodeValue(map, value));
    }

    /** A value, or those of all CPUs, as one line of JSON. */
    public static String valueText(BpfMap map, byte[] bytes) {
        return GSON.toJson(value(map, bytes));
    }

    private static JsonElement value(BpfMap map, byte[] bytes) {
        int stride = MapEntries.perCpuStride(map);
        if (stride > 0) {
            JsonArray values = new JsonArray();
            for (int offset = 0; offset < bytes.length; offset += stride) {
                values.add(Json.of(map.valueCodec(), Arrays.copyOfRange(bytes, offset, offset + map.valueSize())));
            }
            return values;
        }
        JsonElement element = Json.of(map.valueCodec(), bytes);
        if (MapEntries.hasNames(map) && !Arrays.equals(encodeValue(map, element), bytes)) {
            throw CommandException.failed("map " + map.name() + " holds " + element + " of another object, which has no name here");
        }
        return element;
    }
}
