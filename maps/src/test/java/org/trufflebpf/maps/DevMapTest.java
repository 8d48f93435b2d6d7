package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ports to redirect to, by index and by key. */
final class DevMapTest {
    private static final References PROGRAMS = new References() {
        @Override
        public String programName(int id) {
            return id == 5 ? "egress" : null;
        }
    };

    private static BpfMap map(MapKind kind, int valueSize) {
        MapDefinition definition = new MapDefinition("m", kind, 4, valueSize, 8, 0);
        return MapFactory.create(definition, 1, 1, Codec.untyped(4), Codec.untyped(valueSize), 0, PROGRAMS);
    }

    private static byte[] value(int ifindex, int program) {
        byte[] value = Arrays.copyOf(ArrayIndex.key(ifindex), 8);
        System.arraycopy(ArrayIndex.key(program), 0, value, 4, 4);
        return value;
    }

    @ParameterizedTest
    @EnumSource(names = {"DEVMAP", "DEVMAP_HASH"})
    void ports(MapKind kind) {
        try (BpfMap map = map(kind, 4)) {
            DevMap devices = (DevMap) map;
            assertArrayEquals(new long[0], devices.targets());
            map.put(ArrayIndex.key(3), ArrayIndex.key(30), 0);
            map.put(ArrayIndex.key(7), ArrayIndex.key(70), 0);
            map.put(ArrayIndex.key(5), ArrayIndex.key(50), 0);
            assertArrayEquals(new long[] {30, 50, 70}, sorted(devices.targets()));
            map.put(ArrayIndex.key(7), ArrayIndex.key(71), 0);
            map.remove(ArrayIndex.key(3));
            assertArrayEquals(new long[] {50, 71}, sorted(devices.targets()));
            assertEquals(71, (int) devices.target(7));
            assertEquals(0, (int) devices.target(3));
            assertEquals(0, (int) devices.target(-1));
            assertEquals(2, map.size());
        }
    }

    private static long[] sorted(long[] targets) {
        long[] copy = targets.clone();
        Arrays.sort(copy);
        return copy;
    }

    @ParameterizedTest
    @EnumSource(names = {"DEVMAP", "DEVMAP_HASH"})
    void programs(MapKind kind) {
        try (BpfMap map = map(kind, 8)) {
            DevMap devices = (DevMap) map;
            map.put(ArrayIndex.key(1), value(10, 5), 0);
            assertEquals(10, (int) devices.target(1));
            assertEquals(5, devices.target(1) >>> 32);
            assertEquals(0, devices.target(2) >>> 32);
            assertArrayEquals(value(10, 5), map.get(ArrayIndex.key(1)));
            assertArrayEquals(value(10, 5), map.entries().next().value());
            assertEquals(Errno.EINVAL, assertThrows(MapException.class, () -> map.put(ArrayIndex.key(1), value(10, 6), 0)).errno());
            map.put(ArrayIndex.key(1), value(11, -1), 0);
            assertArrayEquals(value(11, 0), map.get(ArrayIndex.key(1)));
        }
    }
}
