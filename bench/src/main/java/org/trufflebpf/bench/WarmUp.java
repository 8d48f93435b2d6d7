package org.trufflebpf.bench;

import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Context;
import org.trufflebpf.io.burst.BurstProcessor;
import org.trufflebpf.language.run.LoadedObject;
import org.trufflebpf.language.run.RunnableProgram;

/**
 * What packets cost in the first seconds, from the loading of the object on.
 *
 * @param label of the program, and how it starts
 * @param points ascending in time
 */
record WarmUp(String label, List<Point> points) {
    private static final long LENGTH_NANOSECONDS = 3_000_000_000L;
    /** At least so long after the first packet, however long compiling takes. */
    private static final long RUN_NANOSECONDS = 1_000_000_000L;
    private static final long WINDOW_NANOSECONDS = 10_000_000;
    /** Bursts of the start that are points of their own. */
    private static final int SINGLE = 20;

    /**
     * Packets that followed each other.
     *
     * @param milliseconds since the loading of the object, at the end
     * @param nanoseconds per packet
     */
    record Point(double milliseconds, double nanoseconds) {
    }

    /** As data paths start, compiled before the first packet, and left to the compiler's own choice. */
    static List<WarmUp> measure(Context.Builder builder, Scenario scenario) throws MissingException {
        return List.of(measure(builder, scenario, true), measure(builder, scenario, false));
    }

    private static WarmUp measure(Context.Builder builder, Scenario scenario, boolean compiled) throws MissingException {
        long start = System.nanoTime();
        try (TruffleEngine engine = new TruffleEngine(builder); LoadedObject object = engine.load(scenario.spec());
                        PacketBurst burst = new PacketBurst(scenario.packets())) {
            MapCopy.fill(object, scenario.entries());
            RunnableProgram program = object.program(scenario.program().name());
            BurstProcessor processor = TruffleEngine.processor(program, scenario, burst);
            if (compiled) {
                program.compile();
            }
            List<Point> points = new ArrayList<>();
            long end = Math.max(start + LENGTH_NANOSECONDS, System.nanoTime() + RUN_NANOSECONDS);
            while (System.nanoTime() - end < 0) {
                long spent = 0;
                long bursts = 0;
                do {
                    spent += burst.runRestoring(processor, 1);
                    bursts++;
                } while (points.size() > SINGLE && spent < WINDOW_NANOSECONDS && System.nanoTime() - end < 0);
                points.add(new Point((System.nanoTime() - start) / 1e6, (double) spent / (bursts * PacketBurst.SIZE)));
            }
            return new WarmUp(scenario.label() + (compiled ? ", compiled first" : ", background compilation"), points);
        }
    }
}
