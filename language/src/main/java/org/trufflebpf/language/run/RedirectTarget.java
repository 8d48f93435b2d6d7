package org.trufflebpf.language.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.Errno;
import org.trufflebpf.maps.MapException;

/**
 * Values of device and CPU maps that have a program, as JSON: {@code {"ifindex": 3, "program": "NAME"}} or {@code {"qsize": 192, "program": "NAME"}},
 * since the program's number may be another one in the next instance.
 */
final class RedirectTarget {
    private static final String PROGRAM = "program";

    private RedirectTarget() {
    }

    /** What the first word of a value is called, as in struct bpf_devmap_val and bpf_cpumap_val; null for maps whose values have no program. */
    private static String member(BpfMap map) {
        return switch (map.kind()) {
            case DEVMAP, DEVMAP_HASH -> map.valueSize() == Long.BYTES ? "ifindex" : null;
            case CPUMAP -> map.valueSize() == Long.BYTES ? "qsize" : null;
            default -> null;
        };
    }

    static boolean isIn(BpfMap map) {
        return member(map) != null;
    }

    /** Nothing for other values. */
    static Optional<JsonElement> json(BpfMap map, byte[] value) {
        String member = member(map);
        ByteBuffer words = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        String program = member == null || words.getInt(4) == 0 ? null : map.references().programName(words.getInt(4));
        if (program == null) {
            return Optional.empty();
        }
        JsonObject object = new JsonObject();
        object.addProperty(member, Integer.toUnsignedLong(words.getInt(0)));
        object.addProperty(PROGRAM, program);
        return Optional.of(object);
    }

    /** @throws MapException when there is no such program */
    static Optional<byte[]> bytes(BpfMap map, JsonElement element) {
        String member = member(map);
        if (member == null || !(element instanceof JsonObject object) || !object.has(PROGRAM)) {
            return Optional.empty();
        }
        int program = object.get(PROGRAM).isJsonPrimitive() ? map.references().program(object.get(PROGRAM).getAsString()) : 0;
        if (program == 0 || !object.has(member) || !object.get(member).isJsonPrimitive() || object.size() != 2) {
            throw new MapException(Errno.EBADF, "map " + map.name() + ": value: takes " + member + ", a number, and " + PROGRAM + ", the name of one");
        }
        int word = (int) Numbers.inRange(member, object.get(member).getAsString(), 0, 0xFFFF_FFFFL);
        return Optional.of(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(word).putInt(program).array());
    }
}
