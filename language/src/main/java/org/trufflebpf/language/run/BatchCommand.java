package org.trufflebpf.language.run;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.maps.ArrayIndex;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapException;
import org.trufflebpf.maps.RingMap;

/**
 * Answers requests, a line of JSON each, with a line each in the same order: runs and verifies bare code and programs of object files. What a
 * request does wrong is its own answer; the next one is not affected.
 */
final class BatchCommand {
    /** Bytes of a line, so that no input can take all memory. */
    private static final int LONGEST_LINE = 64 << 20;

    private static final HexFormat HEX = HexFormat.of();

    private final Gson gson = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
    private final Machine machine;
    private final CommandFiles files;
    private final boolean compile;
    private final Surroundings surroundings;

    /** @param compile whether each program is compiled before its packets run */
    BatchCommand(Machine machine, CommandFiles files, boolean compile, Surroundings surroundings) {
        this.surroundings = surroundings;
        this.machine = machine;
        this.files = files;
        this.compile = compile;
    }

    void run(InputStream input, OutputStream output) throws IOException {
        InputStream buffered = new BufferedInputStream(input, 1 << 16);
        for (byte[] line = readLine(buffered); line != null; line = readLine(buffered)) {
            String text = new String(line, StandardCharsets.UTF_8);
            if (!text.isBlank()) {
                output.write((gson.toJson(answer(line.length > LONGEST_LINE ? null : text)) + "\n").getBytes(StandardCharsets.UTF_8));
                output.flush();
            }
        }
    }

    /** A line without its end, null at the end of input, or one byte more than the longest for all that are longer. */
    private static byte[] readLine(InputStream input) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = input.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = input.read()) {
            if (line.size() <= LONGEST_LINE) {
                line.write(next);
            }
        }
        return line.toByteArray();
    }

    /** @param line null if it was too long */
    private JsonObject answer(String line) {
        JsonObject answer = new JsonObject();
        answer.add("id", JsonNull.INSTANCE);
        try {
            if (line == null) {
                throw new IllegalArgumentException("the line is longer than " + (LONGEST_LINE >> 20) + " MiB");
            }
            BatchRequest request = BatchRequest.nested(JsonParser.parseString(line), "the line");
            if (request.fields().has("id")) {
                answer.add("id", request.fields().get("id"));
            }
            answer(request, answer);
        } catch (CommandException | MapException e) {
            fail(answer, "error", e);
        } catch (AbstractTruffleException e) {
            fail(answer, "reject", e);
        } catch (RuntimeException e) {
            // A malformed request, or memory that ran out, or a mistake of ours: the service goes on.
            fail(answer, "error", e);
        }
        return answer;
    }

    private static void fail(JsonObject answer, String status, RuntimeException reason) {
        answer.addProperty("status", status);
        answer.addProperty("reason", String.valueOf(reason.getMessage() == null ? reason : reason.getMessage()).lines().findFirst().orElse(""));
    }

    private void answer(BatchRequest request, JsonObject answer) {
        switch (request.text("op")) {
            case "run_raw" -> run(request, request.bareObject(), BatchRequest.BARE_PROGRAM, null, answer);
            case "verify_raw" -> verify(request.bareObject(), BatchRequest.BARE_PROGRAM, answer);
            case "run_elf" -> run(request, object(request), request.text("program"), kernelPrefix(request.text("object")), answer);
            case "verify_elf" -> verify(object(request), request.text("program"), answer);
            case "run_mem" -> {
                long result = machine.runOnMemory(request.bytes("insns"), request.bytes("mem"), compile);
                answer.addProperty("status", "ok");
                answer.addProperty("r0", Long.toHexString(result));
            }
            default -> throw new IllegalArgumentException("unknown op " + request.text("op"));
        }
    }

    private ObjectSpec object(BatchRequest request) {
        String path = request.text("object");
        ObjectSpec object = machine.parse(path, files.read(path));
        if (object.program(request.text("program")).isEmpty()) {
            throw new IllegalArgumentException(path + " has no program " + request.text("program"));
        }
        Map<String, Long> sizes = request.sizes();
        List<MapSpec> maps = object.maps().stream()
                .map(map -> sizes.containsKey(map.name()) ? map.withMaxEntries(sizes.get(map.name())) : map)
                .toList();
        return new ObjectSpec(object.programs(), maps, object.btf(), object.license());
    }

    private void verify(ObjectSpec object, String program, JsonObject answer) {
        try (LoadedObject loaded = machine.load(object, surroundings)) {
            loaded.program(program);
        }
        answer.addProperty("status", "accept");
    }

    /** @param prefix of data sections' names, or null for bare code, of which all entries are shown */
    private void run(BatchRequest request, ObjectSpec object, String name, String prefix, JsonObject answer) {
        List<byte[]> packets = request.packets(Burst.longest(object.program(name).orElseThrow().handlesFragments()));
        Map<String, JsonArray> initial = request.initialEntries();
        JsonArray runs = new JsonArray();
        JsonObject maps = new JsonObject();
        try (LoadedObject loaded = machine.load(object, surroundings)) {
            for (BpfMap map : loaded.maps()) {
                JsonArray entries = initial.get(kernelName(map, prefix));
                if (entries != null) {
                    entries.forEach(entry -> put(loaded, map, entry));
                }
            }
            RunnableProgram program = loaded.program(name);
            if (compile) {
                program.compile();
            }
            try (SinglePackets machine = new SinglePackets(program.newProcessor(0), program.handlesFragments())) {
                for (byte[] packet : packets) {
                    SinglePackets.Outcome outcome = machine.run(packet);
                    JsonArray run = new JsonArray();
                    run.add(Integer.toUnsignedLong(outcome.result()));
                    run.add(HEX.formatHex(outcome.bytes()));
                    JsonObject records = records(loaded.maps());
                    if (!records.isEmpty()) {
                        run.add(records);
                    }
                    runs.add(run);
                }
            }
            for (BpfMap map : loaded.maps()) {
                maps.add(kernelName(map, prefix), entries(map, prefix == null));
            }
        }
        answer.addProperty("status", "ok");
        answer.add("runs", runs);
        answer.add("maps", maps);
    }

    /** What the packet's run sent through ring buffers, by map. */
    private static JsonObject records(List<BpfMap> maps) {
        JsonObject records = new JsonObject();
        for (BpfMap map : maps) {
            if (map instanceof RingMap ring) {
                JsonArray list = new JsonArray();
                for (EventStream.Event event = ring.take(); event != null; event = ring.take()) {
                    list.add(HEX.formatHex(event.bytes()));
                }
                records.add(map.name(), list);
            }
        }
        return records;
    }

    /** What the kernel puts before the names of data sections: the object file's name, at most eight characters of it. */
    private static String kernelPrefix(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        String stem = file.contains(".") ? file.substring(0, file.indexOf('.')) : file;
        return stem.substring(0, Math.min(8, stem.length()));
    }

    /** Only the sections with the usual names get the prefix. */
    private static String kernelName(BpfMap map, String prefix) {
        return switch (map.name()) {
            case ".data", ".rodata", ".bss", ".kconfig" -> prefix == null ? map.name() : prefix + map.name();
            default -> map.name();
        };
    }

    private void put(LoadedObject loaded, BpfMap map, JsonElement element) {
        if (element.isJsonObject()) {
            BatchRequest request = new BatchRequest(element.getAsJsonObject());
            if (request.fields().has("inner")) {
                putInner(loaded, map, request);
            } else {
                putBlob(map, request);
            }
        } else if (element.isJsonArray() && element.getAsJsonArray().size() == 2 && element.getAsJsonArray().get(1).isJsonObject()) {
            JsonArray pair = element.getAsJsonArray();
            String program = BatchRequest.nested(pair.get(1), map.name()).text("prog");
            MapEntries.put(map, BatchRequest.hex(map.name(), pair.get(0)), ArrayIndex.key(loaded.programNumber(program)));
        } else if (element.isJsonArray() && element.getAsJsonArray().size() == 2) {
            JsonArray pair = element.getAsJsonArray();
            MapEntries.put(map, BatchRequest.hex(map.name(), pair.get(0)), BatchRequest.hex(map.name(), pair.get(1)));
        } else {
            throw new IllegalArgumentException(map.name() + ": an entry is [key, value]");
        }
    }

    /** A new map into a map of maps. */
    private void putInner(LoadedObject loaded, BpfMap map, BatchRequest request) {
        BpfMap inner = loaded.newMap(request.innerMap(map.name()));
        request.innerEntries(map.name()).forEach(entry -> put(loaded, inner, entry));
        MapEntries.put(map, BatchRequest.hex(map.name(), request.fields().get("key")), ArrayIndex.key(inner.id()));
    }

    /** Many values of an array from a file. */
    private void putBlob(BpfMap map, BatchRequest request) {
        byte[] blob = files.read(request.text("blob"));
        long start = request.number("start");
        long count = request.number("count");
        long offset = request.number("blob_offset");
        if (offset < 0 || count < 0 || offset + count * map.valueSize() > blob.length) {
            throw new IllegalArgumentException(map.name() + ": the blob ends before the values do");
        }
        for (long i = 0; i < count; i++) {
            byte[] value = new byte[map.valueSize()];
            System.arraycopy(blob, (int) (offset + i * value.length), value, 0, value.length);
            MapEntries.put(map, ArrayIndex.key(start + i), value);
        }
    }

    private static JsonArray entries(BpfMap map, boolean zeros) {
        JsonArray list = new JsonArray();
        for (BpfMap.Entry entry : MapEntries.of(map, zeros)) {
            JsonArray pair = new JsonArray();
            pair.add(HEX.formatHex(entry.key()));
            pair.add(HEX.formatHex(entry.value(), 0, map.valueSize()));
            list.add(pair);
        }
        return list;
    }
}
