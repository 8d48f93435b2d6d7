package org.trufflebpf.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.bench.Scenario.Targets;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.language.object.LoadOptions;
import org.trufflebpf.language.object.MalformedObjectException;
import org.trufflebpf.language.object.MapSpec;
import org.trufflebpf.language.object.ObjectLoader;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.packettest.PacketTest;
import org.trufflebpf.language.packettest.Step;
import org.trufflebpf.language.packettest.TestEngine;

/** An engine of packet tests that runs nothing, but writes down what a test puts into maps, and its packet: a scenario. */
final class ScenarioRecorder implements TestEngine, TestEngine.Session {
    private final Verdict verdict;
    private final List<Scenario.Entry> entries = new ArrayList<>();
    private ObjectSpec object;
    private ProgramSpec program;
    private byte[] packet;

    /** @param test with one packet, and a verdict that is expected */
    ScenarioRecorder(PacketTest test) {
        this.verdict = test.steps().stream().filter(Step.Send.class::isInstance).map(step -> ((Step.Send) step).expectation().verdict()).findFirst()
                .orElseThrow();
    }

    Scenario scenario(String label, Path file, Targets targets) {
        return new Scenario(label, file, object, program, List.of(packet), List.copyOf(entries), verdict, targets);
    }

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public Session load(byte[] file, String objectName, String wanted) throws FailedException {
        try {
            object = ObjectLoader.load(file, LoadOptions.defaults());
            program = wanted == null ? object.programs().getFirst() : object.program(wanted).orElseThrow();
            return this;
        } catch (MalformedObjectException e) {
            throw new FailedException(objectName + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Result run(Input input) {
        packet = input.packet();
        return new Result(verdict.ordinal(), packet, input.metadata(), null);
    }

    @Override
    public MapSpec map(String name) {
        return object.map(name).orElse(null);
    }

    @Override
    public void write(String map, byte[] key, byte[] value, boolean everyCpu) {
        entries.add(new Scenario.Entry(map, key, value));
    }

    @Override
    public List<byte[]> read(String map, byte[] key) {
        return List.of();
    }

    @Override
    public boolean delete(String map, byte[] key) {
        return false;
    }

    @Override
    public byte[] takeRecord(String map) {
        return null;
    }

    @Override
    public long entries(String map) {
        return 0;
    }

    @Override
    public void close() {
        // What was written down stays.
    }
}
