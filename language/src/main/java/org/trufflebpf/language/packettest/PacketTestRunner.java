package org.trufflebpf.language.packettest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.trufflebpf.language.object.MapSpec;

/** Runs the tests of one file on an engine, each with fresh maps; a test ends at its first failure. */
public final class PacketTestRunner {
    private final TestEngine engine;
    private final FileCache files;
    private final String fileName;

    /** @param fileName path of the test file; objects and captures that it names are relative to it */
    public PacketTestRunner(TestEngine engine, TestFiles files, String fileName) {
        this.engine = engine;
        this.files = new FileCache(files, fileName);
        this.fileName = fileName;
    }

    /** A test went wrong: what the user sees. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Position position;
        private final String details;

        Failure(Position position, String message, String details) {
            super(message, null, false, false);
            this.position = position;
            this.details = details;
        }
    }

    /** One outcome per test, in order. */
    public List<Outcome> run(List<PacketTest> tests) {
        List<Outcome> outcomes = new ArrayList<>();
        for (PacketTest test : tests) {
            outcomes.add(run(test));
        }
        return outcomes;
    }

    private Outcome run(PacketTest test) {
        long start = System.nanoTime();
        Outcome.Kind kind = Outcome.Kind.PASSED;
        Position position = test.position();
        String message = "";
        String details = "";
        try {
            byte[] object = readObject(test);
            try (TestEngine.Session session = engine.load(object, files.resolve(test.object()), test.program())) {
                for (Step step : test.steps()) {
                    position = step.position();
                    perform(session, step);
                }
            }
        } catch (Failure e) {
            kind = Outcome.Kind.FAILED;
            position = e.position;
            message = e.getMessage();
            details = e.details;
        } catch (PacketTestException e) {
            kind = Outcome.Kind.FAILED;
            position = e.position();
            message = e.getMessage();
        } catch (TestEngine.UnsupportedException e) {
            kind = Outcome.Kind.SKIPPED;
            message = e.getMessage();
        } catch (TestEngine.FailedException e) {
            kind = Outcome.Kind.FAILED;
            message = e.getMessage();
        } catch (IOException e) {
            kind = Outcome.Kind.UNREADABLE;
            message = FileCache.describe(e, String.valueOf(e.getMessage()));
        }
        return new Outcome(test, kind, position, message, details, (System.nanoTime() - start) / 1e9);
    }

    private byte[] readObject(PacketTest test) throws IOException {
        try {
            return files.object(test.object());
        } catch (IOException e) {
            throw new IOException(FileCache.describe(e, files.resolve(test.object())), e);
        }
    }

    private void perform(TestEngine.Session session, Step step) throws Failure, PacketTestException, IOException, TestEngine.FailedException {
        switch (step) {
            case Step.Send send -> send(session, send);
            case Step.SetEntry(Position position, String name, MapValue key, MapValue value, boolean everyCpu) -> {
                MapSpec map = map(session, position, name);
                session.write(name, key.encode(map.keySize(), "key"), value.encode(map.valueSize(), "value"), everyCpu);
            }
            case Step.DeleteEntry(Position position, String name, MapValue key) -> {
                MapSpec map = map(session, position, name);
                if (!session.delete(name, key.encode(map.keySize(), "key"))) {
                    throw new Failure(position, "map " + name + " has no such entry to delete", "");
                }
            }
            case Step.ExpectEntry expected -> expectEntry(session, expected);
            case Step.ExpectNoEntry(Position position, String name, MapValue key) -> {
                MapSpec map = map(session, position, name);
                byte[] keyBytes = key.encode(map.keySize(), "key");
                List<byte[]> values = session.read(name, keyBytes);
                if (!values.isEmpty()) {
                    throw new Failure(position, "map " + name + "[" + key.print(keyBytes) + "]: wanted absent, got "
                            + hex(values.getFirst()), "");
                }
            }
            case Step.ExpectRecord(Position position, String name, MapValue record) -> expectRecord(position, name, record, takeRecord(session, step, name));
            case Step.ExpectNoRecord(Position position, String name) -> {
                byte[] got = takeRecord(session, step, name);
                if (got != null) {
                    throw new Failure(position, "map " + name + ": wanted no record, got " + hex(got), "");
                }
            }
            case Step.ExpectEntries(Position position, String name, int count) -> {
                map(session, position, name);
                long entries = session.entries(name);
                if (entries != count) {
                    throw new Failure(position, "map " + name + ": wanted " + count + " entries, got " + entries, "");
                }
            }
        }
    }

    private static MapSpec map(TestEngine.Session session, Position position, String name) throws PacketTestException {
        MapSpec map = session.map(name);
        if (map == null) {
            throw new PacketTestException(position, "the object has no map " + name);
        }
        return map;
    }

    private static void expectEntry(TestEngine.Session session, Step.ExpectEntry expected)
            throws Failure, PacketTestException, TestEngine.FailedException {
        MapSpec map = map(session, expected.position(), expected.map());
        byte[] key = expected.key().encode(map.keySize(), "key");
        byte[] wanted = expected.value().encode(map.valueSize(), "value");
        List<byte[]> values = session.read(expected.map(), key);
        byte[] got = values.isEmpty() ? null : values.size() == 1 ? values.getFirst() : expected.value().sum(values);
        if (got == null || !expected.value().matches(wanted, got)) {
            String entry = "map " + expected.map() + "[" + expected.key().print(key) + "]";
            throw new Failure(expected.position(), entry + ": wanted " + expected.value().print(wanted) + ", got "
                    + (got == null ? "no entry" : expected.value().print(got)) + (values.size() > 1 ? " over all CPUs" : ""), "");
        }
    }

    private static byte[] takeRecord(TestEngine.Session session, Step step, String map) throws PacketTestException, TestEngine.FailedException {
        map(session, step.position(), map);
        return session.takeRecord(map);
    }

    private static void expectRecord(Position position, String map, MapValue record, byte[] got) throws Failure, PacketTestException {
        String place = "map " + map + " record: wanted ";
        if (got == null) {
            throw new Failure(position, place + "one, got none", "");
        }
        long length = record.length(got.length);
        if (length != got.length) {
            throw new Failure(position, place + length + " bytes, got " + got.length + ": " + hex(got), "");
        }
        byte[] wanted = record.encode(got.length, "record");
        if (!record.matches(wanted, got)) {
            throw new Failure(position, place + record.print(wanted) + ", got " + record.print(got), "");
        }
    }

    private static String hex(byte[] bytes) {
        return "hex " + HexFormat.of().formatHex(bytes);
    }

    private void send(TestEngine.Session session, Step.Send send) throws Failure, PacketTestException, IOException, TestEngine.FailedException {
        long packets = VaryingField.combinations(send.packet(), Integer.MAX_VALUE - 1);
        for (long number = 0; number < packets; number++) {
            byte[] packet = PacketBuilder.build(VaryingField.combination(send.packet(), number), files);
            send(session, send, packet, packets == 1 ? "" : "packet " + (number + 1) + " of " + packets + ": ");
        }
    }

    /** @param which in front of the message, where the statement gives several packets */
    private void send(TestEngine.Session session, Step.Send send, byte[] before, String which)
            throws Failure, PacketTestException, IOException, TestEngine.FailedException {
        TestEngine.Result result = session.run(new TestEngine.Input(before, send.metadata()));
        Expectation expectation = send.expectation();
        if (expectation == null) {
            return;
        }
        BitSet ignored = new BitSet();
        byte[] wanted = switch (expectation.packet()) {
            case Expectation.Bytes.Whatever _ -> null;
            case Expectation.Bytes.Differs(List<Change> changes) -> PacketBuilder.changed(before, changes, ignored);
            case Expectation.Bytes.Whole(PacketTemplate packet) -> PacketBuilder.build(packet, files);
        };
        List<String> wrong = new ArrayList<>();
        if (result.verdict() != expectation.verdict()) {
            wrong.add("wanted " + expectation.verdict() + ", got " + describe(result));
        }
        if (wanted != null && PacketDifference.differs(wanted, result.packet(), ignored)) {
            wrong.add("the packet differs");
        }
        if (expectation.metadata() != null && !Arrays.equals(expectation.metadata(), result.metadata())) {
            wrong.add("wanted metadata " + printMetadata(expectation.metadata()) + ", got " + printMetadata(result.metadata()));
        }
        if (!wrong.isEmpty()) {
            throw new Failure(expectation.position(), which + String.join("; ", wrong),
                    PacketDifference.show(before, wanted, result.packet(), ignored));
        }
    }

    private static String describe(TestEngine.Result result) {
        if (result.trap() != null) {
            return "ABORTED (" + result.trap() + ")";
        }
        boolean known = result.returned() == result.verdict().ordinal();
        return known ? result.verdict().name() : "ABORTED (the program returned " + result.returned() + ")";
    }

    private static String printMetadata(byte[] metadata) {
        return metadata.length == 0 ? "none" : hex(metadata);
    }

    /** {@code FILE:LINE:COLUMN}, which editors jump to. */
    String place(Position position) {
        return fileName + ":" + position;
    }
}
