package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;
import org.trufflebpf.bench.Contestant.Outcome;

/**
 * One program: ours beside the kernel's and native code.
 *
 * @param kernel with the loop of the test run, which is {@code floor}
 * @param image the kernel's machine code, called here
 */
record Comparison(Workload workload, Column ours, Column kernel, Column floor, Column image, Column nativeCode) {
    /** Nanoseconds; below them the kernel's clock, of whole nanoseconds, says too little for a ratio. */
    private static final double COARSE = 5;
    /** Nanoseconds from which on the kernel's own figure is taken even where its machine code can be called here. */
    private static final double LONG = 10;


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
        Column image = race.enter(() -> judged(KernelImage.contestant(workload), outcomes));
        Column nativeCode = race.enter(() -> judged(NativeProgram.contestant(workload), outcomes));
        if (outcomes.stream().distinct().count() > 1) {
            throw new IllegalStateException(workload.name() + ": the contestants do not agree what becomes of the packet: " + outcomes);
        }
        return new Comparison(workload, ours, kernel, floor, image, nativeCode);
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

    /** How often our time is in the kernel's, be it less its floor or that of its machine code called here; NaN where neither says enough. */
    double kernelToOurs() {
        double kernelTime = kernelMinimum();
        if (kernelTime < LONG && !image.isMissing()) {
            kernelTime = image.minimum();
        } else if (kernelTime < COARSE) {
            return Double.NaN;
        }
        return kernelTime / ours.minimum();
    }

    /** How often native code's time is in ours; NaN without native code. */
    double oursToNative() {
        return ours.minimum() / nativeCode.minimum();
    }
}
