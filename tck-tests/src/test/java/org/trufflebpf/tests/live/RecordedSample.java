package org.trufflebpf.tests.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.packettest.Outcome;
import org.trufflebpf.language.packettest.PacketTest;
import org.trufflebpf.language.packettest.PacketTestException;
import org.trufflebpf.language.packettest.PacketTestParser;
import org.trufflebpf.language.packettest.PacketTestRunner;
import org.trufflebpf.language.packettest.Step;
import org.trufflebpf.language.packettest.TestEngine;
import org.trufflebpf.language.packettest.TestFiles;

/**
 * What a program's mixed.ptest says of the sample capture.
 *
 * @param program null for the only one
 * @param maps what they hold before the first packet, as --map-init takes it
 * @param verdicts how many packets the kernel gave each
 */
record RecordedSample(String program, String maps, Map<Verdict, Long> verdicts) {

    /** @param object under xdp_progs, with its mixed.ptest beside it */
    static RecordedSample of(Path object) throws IOException, PacketTestException {
        Path file = object.resolveSibling("mixed.ptest");
        PacketTest test = PacketTestParser.parse(Files.readAllBytes(file)).stream()
                .filter(each -> each.object().equals(object.getFileName().toString()))
                .findFirst().orElseThrow();
        Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
        for (Step step : test.steps()) {
            if (step instanceof Step.Send send) {
                verdicts.merge(send.expectation().verdict(), 1L, Long::sum);
            }
        }
        Preparation preparation = new Preparation();
        List<Step> before = test.steps().stream().takeWhile(step -> !(step instanceof Step.Send)).toList();
        Outcome outcome = new PacketTestRunner(preparation, TestFiles.ofProcess(), file.toString())
                .run(List.of(new PacketTest(test.position(), test.name(), test.object(), test.program(), before))).getFirst();
        assertEquals(Outcome.Kind.PASSED, outcome.kind(), outcome.message());
        return new RecordedSample(test.program(), preparation.json(), verdicts);
    }

    /** Takes down what is written into maps. */
    private static final class Preparation implements TestEngine, TestEngine.Session {
        private final Map<String, JsonArray> entries = new LinkedHashMap<>();
        private ObjectSpec object;

        String json() {
            JsonArray maps = new JsonArray();
            entries.forEach((name, contents) -> {
                JsonObject map = new JsonObject();
                map.addProperty("map", name);
                map.add("entries", contents);
                maps.add(map);
            });
            return maps.toString();
        }

        @Override
        public String name() {
            return "none";
        }

        @Override
        public Session load(byte[] bytes, String objectName, String program) throws FailedException {
            try {
                object = ObjectLoader.load(bytes, LoadOptions.defaults());
                return this;
            } catch (MalformedObjectException e) {
                throw new FailedException(objectName + ": " + e.getMessage(), e);
            }
        }

        @Override
        public MapSpec map(String name) {
            return object.map(name).orElse(null);
        }

        @Override
        public void write(String map, byte[] key, byte[] value, boolean everyCpu) {
            JsonObject entry = new JsonObject();
            entry.addProperty("key", HexFormat.of().formatHex(key));
            entry.addProperty("value", HexFormat.of().formatHex(value));
            entries.computeIfAbsent(map, _ -> new JsonArray()).add(entry);
        }

        @Override
        public Result run(Input input) throws FailedException {
            throw unsupported();
        }

        @Override
        public List<byte[]> read(String map, byte[] key) throws FailedException {
            throw unsupported();
        }

        @Override
        public boolean delete(String map, byte[] key) throws FailedException {
            throw unsupported();
        }

        @Override
        public byte[] takeRecord(String map) throws FailedException {
            throw unsupported();
        }

        @Override
        public long entries(String map) throws FailedException {
            throw unsupported();
        }

        private static FailedException unsupported() {
            return new UnsupportedException("before the first packet maps are only written");
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
