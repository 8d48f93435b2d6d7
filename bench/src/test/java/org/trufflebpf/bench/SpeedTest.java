package org.trufflebpf.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Catches what makes programs several times slower. The limits are two to three times what a quiet machine shows, and minima are taken for as long
 * as it needs up to a second, so that a busy machine passes too.
 */
@TestInstance(Lifecycle.PER_CLASS)
class SpeedTest {
    private static final int WINDOWS = 10;
    private static final int ROUNDS = 10;

    private TruffleEngine engine;

    @BeforeAll
    void open() throws MissingException {
        engine = new TruffleEngine();
    }

    @AfterAll
    void close() {
        engine.close();
    }

    /** @param limit times native code's time */
    @ParameterizedTest
    @CsvSource({"xdp_pass, 3.5", "xdp_drop, 3", "xdp_tx, 3.5", "xdp_map_access, 3", "xdp_csum, 1.5", "xdp_maps, 3"})
    void isNotMuchSlowerThanNativeCode(String program, double limit) {
        try (Race race = new Race()) {
            Comparison comparison = Comparison.enter(race, Scenarios.named(program), engine, new Column(null, "not asked"));
            Column ours = comparison.ours();
            Column nativeCode = comparison.nativeCode();
            assumeFalse(nativeCode.isMissing(), nativeCode.missing());
            runUntil(race, () -> ours.minimum() <= limit * nativeCode.minimum());
            assertTrue(ours.minimum() <= limit * nativeCode.minimum(), program + " takes " + ours.minimum() + " ns per packet, native code "
                            + nativeCode.minimum() + ": more than " + limit + " times as long");
        }
    }

    /**
     * Helper calls cost the kernel much more on processors whose indirect branches need protection.
     *
     * @param limit times the kernel's time
     */
    @ParameterizedTest
    @CsvSource({"xdp_drop, 3", "xdp_tx, 3", "xdp_csum, 1.2", "xdp_maps, 3"})
    void isNotMuchSlowerThanTheKernel(String program, double limit) {
        try (Race race = new Race()) {
            Scenario scenario = Scenarios.named(program);
            Column floor = race.enter(() -> KernelContestant.floor(scenario.packet()));
            Comparison comparison = Comparison.enter(race, scenario, engine, floor);
            assumeFalse(comparison.kernel().isMissing(), comparison.kernel().missing());
            runUntil(race, () -> limit * comparison.kernelToOurs() >= 1);
            assumeFalse(Double.isNaN(comparison.kernelToOurs()), "the kernel's clock is too coarse, and " + comparison.image().missing());
            assertTrue(limit * comparison.kernelToOurs() >= 1, program + " takes " + comparison.ours().minimum() + " ns per packet, the kernel "
                            + comparison.kernelToOurs() + " times as long: it should be " + 1 / limit + " times at least");
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
