package org.trufflebpf.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.maps.BpfMap;
import org.trufflebpf.maps.EventStream;
import org.trufflebpf.maps.MapFlags;

/**
 * A map of ours.
 *
 * @param inner what inner maps are like; null in other maps
 */
record OwnTable(LoadedObject object, BpfMap map, MapSpec inner) implements Table {
    static OwnTable of(LoadedObject object, MapSpec spec) {
        BpfMap map = object.maps().stream().filter(each -> each.name().equals(spec.name())).findFirst().orElseThrow();
        return new OwnTable(object, map, spec.inner());
    }

    private static final String RESIDENT = "Rss:";

    @Override
    public void put(byte[] key, byte[] value) {
        if (key.length == 0) {
            map.push(value, MapFlags.ANY);
        } else {
            map.put(key, value, MapFlags.ANY);
        }
    }

    @Override
    public Table putTable(byte[] key) {
        BpfMap created = object.newMap(inner);
        put(key, ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(created.id()).array());
        return new OwnTable(object, created, null);
    }

    @Override
    public void drain() {
        while (((EventStream) map).take() != null) {
            // Only the room counts.
        }
    }

    @Override
    public int valueSize() {
        return map.controlValueSize();
    }

    /** What is resident of the mapping that the map lies in, so of large maps only. */
    @Override
    public long memory() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
            int mapping = 0;
            for (int i = 0; i < lines.size(); i++) {
                int dash = lines.get(i).indexOf('-');
                int space = lines.get(i).indexOf(' ');
                if (dash > 0 && dash < space) {
                    long start = Long.parseUnsignedLong(lines.get(i), 0, dash, 16);
                    long end = Long.parseUnsignedLong(lines.get(i), dash + 1, space, 16);
                    if (map.valuesAddress() >= start && map.valuesAddress() < end) {
                        mapping = i;
                    }
                } else if (mapping > 0 && lines.get(i).startsWith(RESIDENT)) {
                    return Long.parseLong(lines.get(i).substring(RESIDENT.length()).replace("kB", "").strip()) << 10;
                }
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
