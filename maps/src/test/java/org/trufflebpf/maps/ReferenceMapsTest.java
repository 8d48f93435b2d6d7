package org.trufflebpf.maps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.maps.SemanticsTest.Script;
import org.trufflebpf.maps.Subject.Step;

/** Maps of programs, maps, CPUs and sockets, and what is frozen: the same answers as the kernel's. */
final class ReferenceMapsTest {
    private static final MapDefinition INNER = new MapDefinition("inner", MapKind.ARRAY, 4, 8, 4, 0);
    private static final MapDefinition OTHER = new MapDefinition("other", MapKind.ARRAY, 4, 8, 5, 0);
    private static final int OBJ_GET_INFO_BY_FD = 15;

    static List<Script> scripts() throws IOException {
        return SemanticsTest.scripts("references.txt");
    }

    private static MapDefinition withInner(MapDefinition map) {
        return switch (map.kind()) {
            case ARRAY_OF_MAPS, HASH_OF_MAPS ->
                new MapDefinition(map.name(), map.kind(), map.keySize(), map.valueSize(), map.maxEntries(), map.flags(), INNER);
            default -> map;
        };
    }

    static final class Owner implements References, AutoCloseable {
        final Map<Integer, BpfMap> maps = Map.of(1, inner(1, INNER), 2, inner(2, INNER), 3, inner(3, OTHER));

        private static BpfMap inner(int id, MapDefinition map) {
            return MapFactory.create(map, id, 2, Codec.untyped(4), Codec.untyped(8));
        }

        @Override
        public String programName(int id) {
            return id == 1 ? "one" : id == 2 ? "two" : null;
        }

        @Override
        public int program(Object value) {
            return value.equals("one") ? 1 : value.equals("two") ? 2 : 0;
        }

        @Override
        public BpfMap map(int id) {
            return maps.get(id);
        }

        @Override
        public int socketQueue(int id) {
            return id == 1 ? 0 : id == 2 ? 7 : -1;
        }

        BpfMap make(MapDefinition map) {
            return MapFactory.create(withInner(map), 1, 2, Codec.untyped(map.keySize()), Codec.untyped(map.valueSize()), 0, this);
        }

        @Override
        public void close() {
            maps.values().forEach(BpfMap::close);
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void ours(Script script) {
        try (Owner owner = new Owner()) {
            SemanticsTest.play(script, map -> Subject.control(owner.make(map)));
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void kernel(Script script) {
        Kernel.assumeThere();
        SemanticsTest.play(script, ReferenceMapsTest::kernelSubject);
    }

    /** Numbers become descriptors, and ids become numbers again. */
    private static Subject kernelSubject(MapDefinition map) {
        try {
            KernelMap inner = KernelMap.create(2, 4, 8, 4);
            List<AutoCloseable> opened = new ArrayList<>(List.of(inner));
            Map<Integer, Integer> descriptors = new HashMap<>(Map.of(9, 9999));
            switch (map.kind()) {
                case ARRAY_OF_MAPS, HASH_OF_MAPS -> {
                    for (int number = 1; number <= 3; number++) {
                        KernelMap one = KernelMap.create(2, 4, 8, number < 3 ? 4 : 5);
                        opened.add(one);
                        descriptors.put(number, one.fd());
                    }
                }
                case PROG_ARRAY -> {
                    for (int number = 1; number <= 2; number++) {
                        KernelProgram one = KernelProgram.load(new Code().exit().bytes(), "GPL", "p");
                        opened.add(one);
                        descriptors.put(number, one.fd());
                    }
                }
                case XSKMAP -> {
                    for (int number = 1; number <= 2; number++) {
                        long socket = Kernel.call(41, 44, 3, 0, 0, 0, 0);
                        opened.add(() -> Kernel.close(socket));
                        descriptors.put(number, (int) socket);
                    }
                }
                default -> descriptors.clear();
            }
            boolean nested = withInner(map).inner() != null;
            KernelMap made = KernelMap.create(map.kind().number(), map.keySize(), map.valueSize(), (int) map.maxEntries(), map.flags(),
                    nested ? inner : null);
            opened.add(made);
            Subject plain = Subject.kernel(map, made.fd());
            return new Subject() {
                @Override
                public String run(Step step) {
                    if (descriptors.isEmpty()) {
                        return plain.run(step);
                    }
                    Integer descriptor = descriptors.get(ArrayIndex.of(step.value()));
                    byte[] value = descriptor == null ? step.value() : ArrayIndex.key(descriptor);
                    String answer = plain.run(new Step(step.operation(), step.key(), value, step.flags()));
                    return answer.matches("[0-9a-f]{8}") ? number(ArrayIndex.of(HexFormat.of().parseHex(answer))) : answer;
                }

                private String number(int id) {
                    for (Map.Entry<Integer, Integer> one : descriptors.entrySet()) {
                        if (id(one.getValue()) == id) {
                            return HexFormat.of().formatHex(ArrayIndex.key(one.getKey()));
                        }
                    }
                    throw new AssertionError("id " + id);
                }

                @Override
                public void close() {
                    for (AutoCloseable one : opened) {
                        try {
                            one.close();
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }
                }
            };
        } catch (BpfException e) {
            throw new AssertionError(e.getMessage() + e.log(), e);
        }
    }

    /** The id of a map or program: the second word of its information. */
    private static int id(int descriptor) {
        try (NativeBlock block = new NativeBlock(512)) {
            Memory.fill(block.address(), 512, (byte) 0);
            Memory.putInt(block.address(), descriptor);
            Memory.putInt(block.address() + 4, 256);
            Memory.putLong(block.address() + 8, block.address() + 256);
            return Kernel.call(321, OBJ_GET_INFO_BY_FD, block.address(), 16, 0, 0, 0) == 0 ? Memory.getInt(block.address() + 256 + 4) : -1;
        }
    }

    @Test
    void programsSee() {
        try (Owner owner = new Owner(); NativeBlock block = new NativeBlock(64);
                ProgramArrayMap programs = (ProgramArrayMap) owner.make(new MapDefinition("p", MapKind.PROG_ARRAY, 4, 4, 3, 0));
                ArrayOfMaps array = (ArrayOfMaps) owner.make(new MapDefinition("a", MapKind.ARRAY_OF_MAPS, 4, 4, 3, 0));
                HashOfMaps hash = (HashOfMaps) owner.make(new MapDefinition("h", MapKind.HASH_OF_MAPS, 12, 4, 3, 0));
                CpuMap cpus = (CpuMap) owner.make(new MapDefinition("c", MapKind.CPUMAP, 4, 8, 2, 0));
                XskMap sockets = (XskMap) owner.make(new MapDefinition("x", MapKind.XSKMAP, 4, 4, 3, 0))) {
            byte[] two = ArrayIndex.key(2);
            programs.put(two, ArrayIndex.key(1), 0);
            assertEquals(1, programs.programId(2));
            for (int index : new int[] {0, 3, -1, Integer.MIN_VALUE}) {
                assertEquals(0, programs.programId(index) + array.innerAt(index) + (int) cpus.target(index));
                assertEquals(0, sockets.socket(index) + sockets.lookup(index));
            }
            programs.put(ArrayIndex.key(0), ArrayIndex.key(1), 0);
            programs.put(ArrayIndex.key(1), ArrayIndex.key(2), 0);
            assertArrayEquals(new int[] {1, 2}, programs.programIds());

            array.put(two, two, 0);
            Memory.putLong(block.address(), 2);
            assertEquals(2, array.innerAt(2));
            assertEquals(2, array.inner(block.address()));
            Memory.putInt(block.address() + 8, 5);
            hash.put(Memory.bytes(block.address(), 12), ArrayIndex.key(1), 0);
            assertEquals(1, hash.inner(block.address()));
            assertEquals(1, hash.innerByKey(2, 5, 0, 0));
            assertEquals(0, hash.innerByKey(2, 6, 0, 0));
            assertEquals(1, hash.entries().next().value()[0]);

            cpus.put(ArrayIndex.key(1), new byte[] {64, 1, 0, 0, 2, 0, 0, 0}, 0);
            assertEquals(320, (int) cpus.target(1));
            assertEquals(2, cpus.target(1) >>> 32);

            sockets.put(two, two, 0);
            assertEquals(2, sockets.socket(2));
            Memory.putInt(block.address(), 2);
            assertEquals(7, Memory.getInt(sockets.lookup(block.address(), 0)), "queue");
            assertArrayEquals(two, sockets.get(two));
            assertEquals(sockets.valuesAddress() + 16, sockets.lookup(2));
            assertTrue(!sockets.programsMayWrite() && sockets.programsMayRead() && programs.programsMayWrite());
            for (BpfMap map : List.of(programs, array, hash, cpus)) {
                assertEquals(0, map.valuesSize());
                assertEquals(0, map.lookup(block.address(), 0));
                assertEquals(-Errno.EINVAL, map.update(block.address(), block.address(), 0, 0));
                assertEquals(-Errno.EINVAL, map.delete(block.address()));
            }
        }
    }

    /** Which kinds can be inner maps, and whether these must agree in max_entries. */
    @ParameterizedTest
    @EnumSource(MapKind.class)
    void innerKinds(MapKind kind) throws BpfException {
        Kernel.assumeThere();
        boolean ring = kind == MapKind.RINGBUF || kind == MapKind.USER_RINGBUF;
        int keySize = ring || kind == MapKind.QUEUE || kind == MapKind.STACK || kind.number() == 30 ? 0 : kind.number() == 11 ? 8 : 4;
        int flags = kind.number() == 11 ? MapFlags.NO_PREALLOC : 0;
        MapDefinition nested = kind == MapKind.ARRAY_OF_MAPS || kind == MapKind.HASH_OF_MAPS ? INNER : null;
        MapDefinition inner = new MapDefinition("i", kind, keySize, ring ? 0 : 4, ring ? 4096 : 4, flags, nested);
        MapDefinition larger = new MapDefinition("i", kind, keySize, ring ? 0 : 4, ring ? 8192 : 5, flags, nested);
        MapDefinition outer = new MapDefinition("m", MapKind.ARRAY_OF_MAPS, 4, 4, 1, 0, inner);
        int errno = 0;
        try {
            MapFactory.memoryNeeded(outer, 1);
        } catch (MapException e) {
            errno = e.errno();
        }
        try (KernelMap innermost = KernelMap.create(2, 4, 8, 4); KernelMap template = make(inner, nested == null ? null : innermost);
                KernelMap other = make(larger, nested == null ? null : innermost)) {
            int wanted = 0;
            try (KernelMap kernel = KernelMap.create(12, 4, 4, 1, 0, template)) {
                long result = Kernel.element(Kernel.MAP_UPDATE_ELEM, kernel.fd(), new byte[4], ArrayIndex.key(other.fd()), 0);
                assertEquals(result == 0, MapOfMaps.isLike(inner, larger));
                assertTrue(MapOfMaps.isLike(inner, inner));
            } catch (BpfException e) {
                wanted = e.errno();
            }
            assertEquals(wanted, errno);
        }
    }

    private static KernelMap make(MapDefinition map, KernelMap inner) throws BpfException {
        return KernelMap.create(map.kind().number(), map.keySize(), map.valueSize(), (int) map.maxEntries(), map.flags(), inner);
    }

    /** Of maps of maps; the kernel takes the inner map's descriptor. */
    @ParameterizedTest
    @CsvSource({"ARRAY_OF_MAPS,4,4,1,0", "ARRAY_OF_MAPS,4,4,1,8", "ARRAY_OF_MAPS,4,4,1,1", "ARRAY_OF_MAPS,4,4,1,128", "ARRAY_OF_MAPS,4,4,1,4096",
        "ARRAY_OF_MAPS,4,8,1,0", "ARRAY_OF_MAPS,8,4,1,0", "ARRAY_OF_MAPS,4,4,0,0", "HASH_OF_MAPS,4,4,1,0", "HASH_OF_MAPS,40,4,9,1",
        "HASH_OF_MAPS,4,4,1,64", "HASH_OF_MAPS,4,4,1,256", "HASH_OF_MAPS,4,4,1,384", "HASH_OF_MAPS,4,4,1,2", "HASH_OF_MAPS,4,8,1,0",
        "HASH_OF_MAPS,0,4,1,0", "HASH_OF_MAPS,4,4,0,0"})
    void bounds(MapKind kind, int keySize, int valueSize, long maxEntries, int flags) throws BpfException {
        Kernel.assumeThere();
        int wanted = 0;
        int errno = 0;
        try (KernelMap inner = KernelMap.create(2, 4, 8, 4)) {
            KernelMap.create(kind.number(), keySize, valueSize, (int) maxEntries, flags, inner).close();
        } catch (BpfException e) {
            wanted = e.errno();
        }
        try (Owner owner = new Owner()) {
            owner.make(new MapDefinition("m", kind, keySize, valueSize, maxEntries, flags)).close();
        } catch (MapException e) {
            errno = e.errno();
        }
        assertEquals(wanted, errno);
    }

    @Test
    void innerFlags() {
        MapDefinition array = new MapDefinition("i", MapKind.ARRAY, 4, 4, 4, MapFlags.INNER_MAP);
        assertTrue(MapOfMaps.isLike(array, new MapDefinition("j", MapKind.ARRAY, 4, 4, 9, MapFlags.INNER_MAP | MapFlags.RDONLY)));
        for (MapDefinition unlike : List.of(new MapDefinition("j", MapKind.ARRAY, 4, 4, 4, 0), new MapDefinition("j", MapKind.HASH, 4, 4, 4, 4096),
                new MapDefinition("j", MapKind.ARRAY, 4, 8, 4, MapFlags.INNER_MAP),
                new MapDefinition("j", MapKind.ARRAY, 8, 4, 4, MapFlags.INNER_MAP))) {
            assertTrue(!MapOfMaps.isLike(array, unlike), unlike.toString());
        }
    }

    @Test
    void innerMapsAreNeeded() {
        for (MapKind kind : List.of(MapKind.ARRAY_OF_MAPS, MapKind.HASH_OF_MAPS)) {
            MapDefinition without = new MapDefinition("m", kind, 4, 4, 1, 0);
            assertEquals("map m: has no inner map (EINVAL)", assertThrows(MapException.class, () -> Subject.create(without)).getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"RINGBUF,0,0", "RINGBUF,1,4096", "RINGBUF,4096,4096", "RINGBUF,4097,8192", "RINGBUF,12288,16384", "RINGBUF,262144,262144",
        "USER_RINGBUF,100000,131072", "RINGBUF,2147483648,2147483648", "RINGBUF,2147483649,2147483649", "RINGBUF,4294967295,4294967295",
        "PERF_EVENT_ARRAY,0,6", "PERF_EVENT_ARRAY,3,3", "ARRAY,0,0"})
    void completed(MapKind kind, long entries, long wanted) {
        assertEquals(wanted, new MapDefinition("m", kind, 0, 0, entries, 0).completed(6).maxEntries());
    }
}
