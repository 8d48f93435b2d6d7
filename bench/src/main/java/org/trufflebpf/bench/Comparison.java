package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.bench.Contestant.Outcome;

/**
 * One program: ours beside the kernel's and native code.
 *
 * @param kernel with the loop of the test run, which is {@code floor}
 */
record Comparison(Workload workload, Column ours, Column kernel, Column floor, Column nativeCode) {

    /**
     * Takes the program's contestants into a race.
     *
     * @param floor of the kernel, in the same race
     * @throws IllegalStateException if they do not agree what becomes of the packet: then they do not run the same program
     */
    static Comparison enter(Race race, Workload workload, TruffleEngine engine, Column floor) {
        List<Outcome> outcomes = new ArrayList<>();
        Column ours = race.enter(() -> judged(engine.contestant(workload), outcomes));
        Column kernel = race.enter(() -> judged(KernelContestant.of(workload), outcomes));
        Column nativeCode = race.enter(() -> judged(NativeProgram.contestant(workload), outcomes));
        if (outcomes.stream().distinct().count() > 1) {
            throw new IllegalStateException(workload.name() + ": the contestants do not agree what becomes of the packet: " + outcomes);
        }
        return new Comparison(workload, ours, kernel, floor, nativeCode);
    }

    private static Contestant judged(Contestant contestant, List<Outcome> outcomes) {
        outcomes.add(contestant.judge());
        return contestant;
    }

    double kernelMinimum() {
        return kernel.minimum() - floor.minimum();
    }

    double kernelMedian() {
        return kernel.median() - floor.median();
    }

    /** How often our time is in the kernel's, which is without its floor; NaN without a kernel. */
    double kernelToOurs() {
        return kernelMinimum() / ours.minimum();
    }

    /** How often native code's time is in ours; NaN without native code. */
    double oursToNative() {
        return ours.minimum() / nativeCode.minimum();
    }
}
