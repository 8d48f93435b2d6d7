package org.trufflebpf.language.run;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.language.runtime.Instance;

/**
 * What replaying a trapped packet takes besides the object, as a file of JSON says it. The file names two others, which lie beside it.
 *
 * @param program that got the packet
 * @param fault where it trapped and why, for people
 * @param ifindex of the port that the packet came from
 * @param queue of that port
 * @param cpu number of the worker
 * @param seed of the run's random numbers
 * @param time that the program was told, in nanoseconds
 * @param metadata that stood before the packet
 * @param packet the capture's name
 * @param maps the name of the file with what the maps held
 */
record SavedTrap(String program, String fault, int ifindex, int queue, int cpu, long seed, long time, byte[] metadata, String packet, String maps) {
    private static final int LONGEST_METADATA = Burst.HEADROOM - Burst.FRAME_HEADER;

    String json() {
        JsonObject object = new JsonObject();
        object.addProperty("trap", fault);
        object.addProperty("program", program);
        object.addProperty("ifindex", ifindex);
        object.addProperty("queue", queue);
        object.addProperty("cpu", cpu);
        object.addProperty("seed", seed);
        object.addProperty("time", time);
        object.addProperty("metadata", HexFormat.of().formatHex(metadata));
        object.addProperty("packet", packet);
        object.addProperty("maps", maps);
        return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(object) + "\n";
    }

    /** @throws CommandException if it is no such file */
    static SavedTrap parse(String file, byte[] json) {
        try {
            JsonObject object = JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
            byte[] metadata = HexFormat.of().parseHex(member(object, "metadata").getAsString());
            if (metadata.length > LONGEST_METADATA || metadata.length % 4 != 0) {
                throw new IllegalArgumentException("metadata has " + metadata.length + " bytes");
            }
            return new SavedTrap(member(object, "program").getAsString(), member(object, "trap").getAsString(), number(object, "ifindex", Integer.MAX_VALUE),
                    number(object, "queue", Integer.MAX_VALUE), number(object, "cpu", Instance.CPUS - 1), member(object, "seed").getAsLong(),
                    member(object, "time").getAsLong(), metadata, name(object, "packet"), name(object, "maps"));
        } catch (JsonParseException | IllegalStateException | IllegalArgumentException | UnsupportedOperationException e) {
            throw CommandException.failed(file + ": was not written by --save-traps: " + JsonError.reason(e));
        }
    }

    private static JsonElement member(JsonObject object, String name) {
        if (!object.has(name)) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return object.get(name);
    }

    private static int number(JsonObject object, String name, int most) {
        long value = member(object, name).getAsLong();
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(name + " is " + value);
        }
        return (int) value;
    }

    /** A file beside this one and nowhere else. */
    private static String name(JsonObject object, String member) {
        String name = member(object, member).getAsString();
        if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
            throw new IllegalArgumentException(member + " names no file beside it");
        }
        return name;
    }
}
