package org.trufflebpf.tests.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.FileSystem;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.tests.Project;

/** Maps of every kind to a file and back. */
class SnapshotTest {
    private final Context context = Context.newBuilder("ebpf").allowAllAccess(true).build();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        context.close();
    }

    private Value kinds() throws IOException {
        return Objects.evaluate(context, "kinds");
    }

    private String snapshot(Value object, String name) throws IOException {
        Path file = folder.resolve(name);
        object.invokeMember("snapshot", file.toString());
        return Files.readString(file);
    }

    private void restore(Value object, String json) throws IOException {
        Path file = folder.resolve("restored.json");
        Files.writeString(file, json);
        object.invokeMember("restore", file.toString());
    }

    /** Fills maps through their raw bytes. */
    private static final class Filler {
        private final Value maps;
        private final SplittableRandom random;

        Filler(Value object, long seed) {
            this.maps = object.getMember("maps");
            this.random = new SplittableRandom(seed);
        }

        private Value raw(String map) {
            return maps.getMember(map).getMember("raw");
        }

        /** Half of them zeros, as real values have. */
        private byte[] bytes(int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            for (int i = 0; i < size; i++) {
                bytes[i] &= (byte) -random.nextInt(2);
            }
            return bytes;
        }

        private static byte[] word(int number) {
            return new byte[] {(byte) number, (byte) (number >> 8), (byte) (number >> 16), (byte) (number >> 24)};
        }

        private void entries(String map, int most, Supplier<byte[]> key, Supplier<Object> value) {
            for (int i = random.nextInt(most + 1); i > 0; i--) {
                raw(map).putHashEntry(key.get(), value.get());
            }
        }

        private Object perCpu(int size) {
            return Stream.generate(() -> bytes(size)).limit(16).toArray();
        }

        void fill() {
            entries("hash", 32, () -> bytes(8), () -> bytes(32));
            entries("percpu_hash", 8, () -> bytes(8), () -> perCpu(32));
            entries("lru_hash", 20, () -> bytes(4), () -> bytes(8));
            entries("lru_percpu_hash", 20, () -> bytes(4), () -> perCpu(8));
            entries("locks", 8, () -> bytes(4), () -> bytes(8));
            entries("array", 8, () -> word(random.nextInt(8)), () -> bytes(32));
            entries("percpu_array", 4, () -> word(random.nextInt(4)), () -> perCpu(4));
            entries("rules", 32, () -> {
                byte[] key = bytes(8);
                System.arraycopy(word(random.nextInt(33)), 0, key, 0, 4);
                return key;
            }, () -> bytes(4));
            for (String map : List.of("queue", "stack", "filter")) {
                for (int i = random.nextInt(9); i > 0; i--) {
                    raw(map).invokeMember("push", (Object) bytes(map.equals("queue") ? 32 : 4));
                }
            }
            for (int i = random.nextInt(5); i > 0; i--) {
                maps.getMember("ports").setArrayElement(random.nextInt(4), target("ifindex", "at_port"));
                maps.getMember("port_hash").putHashEntry(random.nextInt(4), target("ifindex", "at_port"));
                maps.getMember("cpus").setArrayElement(random.nextInt(4), target("qsize", "on_cpu"));
                raw("plain_ports").setArrayElement(random.nextInt(4), word(random.nextInt(9)));
            }
            for (int i = random.nextInt(5); i > 0; i--) {
                maps.getMember("programs").setArrayElement(random.nextInt(4), random.nextBoolean() ? "first" : "second");
                maps.getMember("array_of_maps").setArrayElement(random.nextInt(4), random.nextBoolean() ? maps.getMember("inner_a") : "inner_b");
                maps.getMember("hash_of_maps").putHashEntry(random.nextInt(4), random.nextBoolean() ? maps.getMember("inner_b") : "inner_a");
            }
            for (String inner : List.of("inner_a", "inner_b")) {
                entries(inner, 4, () -> bytes(4), () -> bytes(8));
            }
        }

        private Object target(String member, String program) {
            Map<String, Object> members = new HashMap<>(Map.of(member, random.nextInt(1, 16_385)));
            if (random.nextBoolean()) {
                members.put("prog", program);
            }
            return ProxyObject.fromMap(members);
        }
    }

    /** The second instance counts its programs from another number. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void restoredMapsAreTheSame(long seed) throws IOException {
        Value object = kinds();
        new Filler(object, seed).fill();
        String written = snapshot(object, "a.json");
        Value fresh = kinds();
        fresh.invokeMember("restore", folder.resolve("a.json").toString());
        assertEquals(written, snapshot(fresh, "b.json"));
        Value used = kinds();
        new Filler(used, seed + 100).fill();
        restore(used, written);
        assertEquals(entries(written), entries(snapshot(used, "c.json")));
        sameBytes(object, fresh);
        sameBytes(object, used);
    }

    /** Where a map held others before, those of LRU maps may stand in another order. */
    private static List<String> entries(String json) {
        return json.lines().filter(line -> !line.contains("crc32c")).map(line -> line.replaceFirst("(\\]\\})?,?$", "")).sorted().toList();
    }

    private static void sameBytes(Value one, Value other) {
        for (String map : List.of("hash", "lru_hash", "array", "rules")) {
            Value raw = one.getMember("maps").getMember(map).getMember("raw");
            Value copy = other.getMember("maps").getMember(map).getMember("raw");
            assertEquals(raw.getHashSize(), copy.getHashSize(), map);
            Value keys = raw.getHashKeysIterator();
            while (keys.hasIteratorNextElement()) {
                Value key = keys.getIteratorNextElement();
                assertArrayEquals(bytes(raw.getHashValue(key)), bytes(copy.getHashValue(key)), map);
            }
        }
        for (String map : List.of("queue", "stack")) {
            Value first = one.getMember("maps").getMember(map);
            Value second = other.getMember("maps").getMember(map);
            assertEquals(first.getMember("size").asLong(), second.getMember("size").asLong());
        }
    }

    private static byte[] bytes(Value buffer) {
        byte[] bytes = new byte[(int) buffer.getBufferSize()];
        buffer.readBuffer(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** A full LRU map makes room in the same order after it was restored. */
    @Test
    void whoGoesFirstIsKept() throws IOException {
        Value object = kinds();
        Value lru = object.getMember("maps").getMember("lru_hash");
        for (int key : new int[] {50, 3, 90, 7, 61, 20, 8, 33, 4, 5}) {
            lru.putHashEntry(key, key);
        }
        String written = snapshot(object, "lru.json");
        Value fresh = kinds();
        restore(fresh, written);
        Value other = fresh.getMember("maps").getMember("lru_hash");
        for (int key = 1000; key < 1008; key++) {
            lru.putHashEntry(key, 0);
            other.putHashEntry(key, 0);
            assertEquals(keys(lru), keys(other));
        }
    }

    private static List<Long> keys(Value map) {
        List<Long> keys = new ArrayList<>();
        Value iterator = map.getHashKeysIterator();
        while (iterator.hasIteratorNextElement()) {
            keys.add(iterator.getIteratorNextElement().asLong());
        }
        return keys.stream().sorted().toList();
    }

    @Test
    void filesSayWhatTheyMean() throws IOException {
        Value object = kinds();
        Value maps = object.getMember("maps");
        maps.getMember("locks").getMember("raw").putHashEntry(new byte[] {1, 0, 0, 0}, new byte[] {9, 9, 9, 9, 5, 0, 0, 0});
        maps.getMember("programs").setArrayElement(3, object.getMember("programs").getMember("second"));
        maps.getMember("array_of_maps").setArrayElement(1, maps.getMember("inner_b"));
        maps.getMember("ports").setArrayElement(2, ProxyObject.fromMap(Map.of("ifindex", 7, "prog", "at_port")));
        String json = snapshot(object, "kinds.json");
        for (String line : List.of("{\"key\": 1, \"value\": {\"number\": 5}}", "{\"key\": \"03000000\", \"value\": \"second\"}",
                "{\"key\": 1, \"value\": \"inner_b\"}", "{\"key\": 2, \"value\": {\"ifindex\": 7, \"prog\": \"at_port\"}}")) {
            assertTrue(json.contains(line), line + " in " + json);
        }
    }

    /** Every byte matters to the check at the end. */
    @Test
    void damagedFilesChangeNothing() throws IOException {
        Value object = kinds();
        new Filler(object, 42).fill();
        byte[] written = snapshot(object, "good.json").getBytes(StandardCharsets.UTF_8);
        Value other = kinds();
        new Filler(other, 43).fill();
        String before = snapshot(other, "before.json");
        Path damaged = folder.resolve("damaged.json");
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 250; i++) {
            // The last hundred bytes all.
            int position = i < 100 ? written.length - 1 - i : random.nextInt(written.length);
            byte[] bytes = written.clone();
            bytes[position] ^= (byte) (1 << random.nextInt(8));
            refused(other, damaged, bytes, "byte " + position);
            refused(other, damaged, Arrays.copyOf(written, position), "cut at " + position);
        }
        assertEquals(before, snapshot(other, "after.json"));
        other.invokeMember("restore", folder.resolve("good.json").toString());
        assertArrayEquals(written, snapshot(other, "restored.json").getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(Value object, Path file, byte[] bytes, String what) throws IOException {
        Files.write(file, bytes);
        PolyglotException e = assertThrows(PolyglotException.class, () -> object.invokeMember("restore", file.toString()), what);
        assertTrue(e.isGuestException() && !e.isInternalError(), what + ": " + e);
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().lines().count() == 1, what + ": " + e.getMessage());
    }

    @Test
    void wrongContentsChangeNothing() throws IOException {
        Value object = kinds();
        new Filler(object, 1).fill();
        String before = snapshot(object, "before.json");
        String good = "{\"map\": \"hash\", \"entries\": []}, ";
        for (String part : List.of("{\"map\": \"programs\", \"entries\": [{\"key\": 0, \"value\": \"third\"}]}",
                "{\"map\": \"programs\", \"entries\": [{\"key\": 4, \"value\": \"first\"}]}",
                "{\"map\": \"array_of_maps\", \"entries\": [{\"key\": 0, \"value\": \"locks\"}]}",
                "{\"map\": \"ports\", \"entries\": [{\"key\": 0, \"value\": {\"ifindex\": 1, \"prog\": \"third\"}}]}",
                "{\"map\": \"rules\", \"entries\": [{\"key\": \"2100000000000000\", \"value\": 1}]}",
                "{\"map\": \"cpus\", \"entries\": [{\"key\": 0, \"value\": \"0140000000000000\"}]}",
                "{\"map\": \"queue\", \"entries\": [" + "{\"value\": \"" + "00".repeat(32) + "\"}, ".repeat(8) + "{\"value\": \"" + "00".repeat(32)
                + "\"}]}",
                "{\"map\": \"inner_a\", \"entries\": [{\"key\": 1, \"value\": 1}, {\"key\": 2, \"value\": 1}, {\"key\": 3, \"value\": 1}, "
                        + "{\"key\": 4, \"value\": 1}, {\"key\": 5, \"value\": 1}]}",
                "{\"map\": \"filter\", \"seed\": 12345, \"bits\": \"\"}", "{\"map\": \"filter\", \"seed\": 0, \"bits\": \"" + "ff".repeat(5000)
                + "\"}",
                "{\"map\": \"hash\", \"entries\": []}", "{\"map\": \"perf\", \"entries\": [{\"key\": 0, \"value\": 0}]}")) {
            PolyglotException e = assertThrows(PolyglotException.class, () -> restore(object, "[" + good + part + "]"), part);
            assertTrue(e.isGuestException() && !e.isInternalError() && e.getMessage().lines().count() == 1, part + ": " + e);
            assertEquals(before, snapshot(object, "after.json"), part);
        }
        restore(object, "[{\"map\": \"inner_a\", \"entries\": []}]");
        assertEquals(0, object.getMember("maps").getMember("inner_a").getHashSize());
    }

    @Test
    void aFileIsThereWholeOrAsBefore() throws IOException {
        Value object = kinds();
        new Filler(object, 5).fill();
        String old = snapshot(object, "old.json");
        Path missing = folder.resolve("none/x.json");
        PolyglotException e = assertThrows(PolyglotException.class, () -> object.invokeMember("snapshot", missing.toString()));
        assertEquals(missing + ": cannot be written: no such file or folder", e.getMessage());
        Value closed = kinds();
        closed.invokeMember("close");
        e = assertThrows(PolyglotException.class, () -> closed.invokeMember("snapshot", folder.resolve("old.json").toString()));
        assertTrue(e.getMessage().contains("is closed"), e.getMessage());
        assertEquals(old, Files.readString(folder.resolve("old.json")));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of("old.json"), files.map(file -> file.getFileName().toString()).toList());
        }
        for (Object[] wrong : new Object[][] {{}, {5}, {"a", "b"}, {object}}) {
            assertThrows(IllegalArgumentException.class, () -> object.getMember("snapshot").execute(wrong));
            assertThrows(IllegalArgumentException.class, () -> object.getMember("restore").execute(wrong));
        }
    }

    /** What goes to the disk, in order, for an embedder whose file system knows durable writes or not. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesAreOnTheDiskBeforeTheyHaveTheirName(boolean durable) throws IOException {
        List<String> calls = new ArrayList<>();
        FileSystem plain = FileSystem.newDefaultFileSystem();
        FileSystem watched = (FileSystem) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {FileSystem.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("newByteChannel") && ((Set<?>) arguments[1]).contains(StandardOpenOption.DSYNC)) {
                        if (!durable) {
                            throw new UnsupportedOperationException();
                        }
                        calls.add("open");
                    } else if (method.getName().equals("move")) {
                        calls.add("move");
                    }
                    try {
                        return method.invoke(plain, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (Context embedder = Context.newBuilder("ebpf").allowIO(IOAccess.newBuilder().fileSystem(watched).build()).build()) {
            Value object = Objects.evaluate(embedder, "kinds");
            calls.clear();
            String written = snapshot(object, "watched.json");
            assertEquals(durable ? List.of("open", "move") : List.of("move"), calls);
            restore(object, written);
        }
    }

    @Test
    void sandboxesKeepTheirFiles() throws IOException {
        try (Context sandbox = Context.newBuilder("ebpf").allowIO(IOAccess.NONE).build()) {
            Value object = Objects.evaluate(sandbox, "kinds");
            Path file = folder.resolve("secret.json");
            for (String member : List.of("snapshot", "restore")) {
                PolyglotException e = assertThrows(PolyglotException.class, () -> object.invokeMember(member, file.toString()));
                assertTrue(e.getMessage().endsWith("the embedder does not allow access to files"), e.getMessage());
            }
            assertFalse(Files.exists(file));
        }
    }

    /** What the command line writes and reads is the same. */
    @Test
    void theCommandLineReadsSnapshots() throws IOException {
        Value object = kinds();
        new Filler(object, 9).fill();
        String written = snapshot(object, "snapshot.json");
        Path dump = folder.resolve("dump.json");
        context.getBindings("ebpf").invokeMember("run", Project.TEST_PROGRAMS.resolve("control/kinds.o").toString(), "--program", "first",
                "--port", "pcap:" + Project.SAMPLE_CAPTURE, "--count", "1", "--stats", "none", "--map-init",
                folder.resolve("snapshot.json").toString(), "--map-dump", dump.toString());
        String sealed = written.substring(0, written.lastIndexOf(",\n {\"crc32c\""));
        assertEquals(sealed + "\n]\n", Files.readString(dump));
    }
}
