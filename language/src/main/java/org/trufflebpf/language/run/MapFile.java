package org.trufflebpf.language.run;

import com.google.gson.Gson;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.MapKind;

/**
 * Contents of maps as JSON: {@code [{"map": NAME, "entries": [{"key": BYTES, "value": BYTES}, ...]}, ...]}. BYTES is a string of hexadecimal
 * digits, an array of numbers from 0 to 255, or, for up to eight bytes, a number, which is stored little-endian. The value of a per-CPU map
 * is one of these, which every CPU gets, or an array of strings, one for each CPU. Entries of queues and stacks have no key and stand in the
 * order in which they are taken out.
 */
final class MapFile {
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
                case "key" -> key = readBytes(reader, map.keySize(), 0, 1);
                case "value" -> value = readBytes(reader, map.valueSize(), MapEntries.perCpuStride(map), map.cpus());
                default -> throw new IllegalArgumentException("an entry has a key and a value, not \"" + name + "\"");
            }
        }
        reader.endObject();
        if (key == null || value == null) {
            throw new IllegalArgumentException("the entry has no " + (key == null ? "key" : "value"));
        }
        return new BpfMap.Entry(key, value);
    }

    /** @param stride bytes between the values of CPUs, 0 if there is one for all */
    private static byte[] readBytes(JsonReader reader, int size, int stride, int cpus) throws IOException {
        return switch (reader.peek()) {
            case STRING -> hex(reader.nextString(), size);
            case NUMBER -> number(reader.nextString(), size);
            case BEGIN_ARRAY -> {
                reader.beginArray();
                byte[] bytes = reader.peek() == JsonToken.STRING && stride > 0 ? readPerCpu(reader, size, stride, cpus) : readArray(reader, size);
                reader.endArray();
                yield bytes;
            }
            default -> throw new IllegalArgumentException("expected a string of hexadecimal digits, an array of bytes or a number");
        };
    }

    private static byte[] readPerCpu(JsonReader reader, int size, int stride, int cpus) throws IOException {
        byte[] values = new byte[stride * cpus];
        int cpu = 0;
        for (; reader.hasNext(); cpu++) {
            byte[] value = hex(reader.nextString(), size);
            if (cpu < cpus) {
                System.arraycopy(value, 0, values, cpu * stride, size);
            }
        }
        if (cpu != cpus) {
            throw new IllegalArgumentException("values of " + cpu + " CPUs, not of " + cpus);
        }
        return values;
    }

    private static byte[] readArray(JsonReader reader, int size) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (reader.hasNext()) {
            int value = reader.nextInt();
            if (value < 0 || value > 255) {
                throw new IllegalArgumentException(value + " is no byte");
            }
            bytes.write(value);
        }
        return checkSize(bytes.toByteArray(), size);
    }

    private static byte[] hex(String digits, int size) {
        return checkSize(HexFormat.of().parseHex(digits.replace(" ", "")), size);
    }

    private static byte[] checkSize(byte[] bytes, int size) {
        if (bytes.length != size) {
            throw new IllegalArgumentException(bytes.length + " bytes, not " + size);
        }
        return bytes;
    }

    private static byte[] number(String text, int size) {
        if (size > Long.BYTES || text.length() > 20 || !text.matches("-?[0-9]+")) {
            throw new IllegalArgumentException(size > Long.BYTES ? "a number cannot stand for " + size + " bytes" : text + " is no whole number");
        }
        BigInteger number = new BigInteger(text);
        if (number.signum() < 0 ? number.bitLength() >= size * 8 : number.bitLength() > size * 8) {
            throw new IllegalArgumentException(text + " does not fit " + size + " bytes");
        }
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = number.shiftRight(i * 8).byteValue();
        }
        return bytes;
    }

    /** Writes all maps, one entry a line, without those elements of arrays that are zero. */
    void write(Writer writer) throws IOException {
        writer.write("[");
        String betweenMaps = "\n";
        for (BpfMap map : maps) {
            writer.write(betweenMaps + " {\"map\": " + new Gson().toJson(map.name()) + ", \"entries\": [");
            String betweenEntries = "\n";
            for (BpfMap.Entry entry : MapEntries.of(map, false)) {
                String key = MapEntries.isKeyless(map) ? "" : "\"key\": \"" + HexFormat.of().formatHex(entry.key()) + "\", ";
                writer.write(betweenEntries + "  {" + key + "\"value\": " + value(map, entry.value()) + "}");
                betweenEntries = ",\n";
            }
            writer.write("]}");
            betweenMaps = ",\n";
        }
        writer.write("\n]\n");
    }

    private static String value(BpfMap map, byte[] bytes) {
        int stride = MapEntries.perCpuStride(map);
        if (stride == 0) {
            return "\"" + HexFormat.of().formatHex(bytes) + "\"";
        }
        List<String> values = new ArrayList<>();
        for (int offset = 0; offset < bytes.length; offset += stride) {
            values.add("\"" + HexFormat.of().formatHex(bytes, offset, offset + map.valueSize()) + "\"");
        }
        return "[" + String.join(", ", values) + "]";
    }
}
