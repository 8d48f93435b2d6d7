package org.trufflebpf.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.bench.Scenario.Targets;

/**
 * Catches what makes programs several times slower. The limits are half of what is wanted or of what a quiet machine shows, and minima are taken for as
 * long as it needs up to a second, so that a busy machine passes too.
 */
@TestInstance(Lifecycle.PER_CLASS)
class SpeedTest {
    private static final int WINDOWS = 10;
    private static final int ROUNDS = 10;
    /** How far from the target a busy machine may be. */
    private static final double SLACK = 2;

    private TruffleEngine engine;

    @BeforeAll
    void open() throws MissingException {
        engine = new TruffleEngine();
    }

    @AfterAll
    void close() {
        engine.close();
    }

    static List<String> programs() {
        return Scenarios.names().stream().filter(name -> !Scenarios.named(name).targets().equals(Targets.NONE)).toList();
    }

    /**
     * Each program that has a target reaches half of it. What is wanted of the kernel's times comes from a processor on which its calls of helpers are dear
     * (README.md); where they are cheap half the speed of native code will do. Without native code or without the kernel the other one decides.
     */
    @ParameterizedTest
    @MethodSource("programs")
    void reachesHalfOfItsTarget(String program) {
        try (Race race = new Race()) {
            Scenario scenario = Scenarios.named(program);
            Column floor = race.enter(() -> KernelContestant.floor(scenario.packet()));
            Comparison comparison = Comparison.enter(race, scenario, engine, floor);
            assumeFalse(comparison.kernel().isMissing() && comparison.nativeCode().isMissing(),
                            comparison.kernel().missing() + "; " + comparison.nativeCode().missing());
            Targets targets = scenario.targets();
            double wantedOfNative = Double.isNaN(targets.oursToNative()) ? 1 : Math.max(1, targets.oursToNative());
            BooleanSupplier reached = () -> SLACK * comparison.kernelToOurs() >= targets.kernelToOurs()
                            || comparison.oursToNative() <= SLACK * wantedOfNative;
            runUntil(race, reached);
            assertTrue(reached.getAsBoolean(), program + ": the kernel takes " + comparison.kernelToOurs() + " times our " + comparison.ours().minimum()
                            + " ns, of which " + targets.kernelToOurs() + " is wanted, and we " + comparison.oursToNative() + " times as long as native code, of which "
                            + wantedOfNative + " is wanted");
        }
    }

    /**
     * What the kernel makes of an operation on a map depends on the processor, too.
     *
     * @param least times our time that the kernel takes: about half of what a quiet machine showed, in the middle of those of README.md
     */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"HASH lookup, 1,000; 2.5", "HASH update, 1,000; 1.3", "LRU_HASH lookup; 1.6", "LPM_TRIE IPv4, 10,000; 4",
        "LPM_TRIE IPv6, 10,000; 1.5", "PERCPU_HASH lookup; 1.5", "ARRAY lookup; 0.5", "HASH_OF_MAPS, inner lookup; 0.8", "RINGBUF output; 1.2"})
    void isNotMuchSlowerThanTheKernelsMap(String label, double least) {
        try (Race race = new Race()) {
            MapOperation operation = MapOperation.ALL.stream().filter(each -> each.label().equals(label)).findFirst().orElseThrow();
            MapComparison comparison = MapComparison.enter(race, operation, engine);
            assumeFalse(comparison.kernel().isMissing(), comparison.kernel().missing());
            runUntil(race, () -> comparison.kernelToOurs() >= least);
            assertTrue(comparison.kernelToOurs() >= least, label + " takes " + comparison.oursPerOperation() + " ns, the kernel's "
                            + comparison.kernelToOurs() + " times as long: it should be " + least + " times at least");
        }
    }

    private static void runUntil(Race race, BooleanSupplier enough) {
        for (int round = 0; round == 0 || round < ROUNDS && !enough.getAsBoolean(); round++) {
            race.run(WINDOWS);
        }
    }
}
