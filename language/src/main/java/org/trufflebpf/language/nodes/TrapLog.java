package org.trufflebpf.language.nodes;

import java.util.HashMap;
import java.util.Map;
import org.trufflebpf.language.runtime.Worker;

/** Tells of each fault of a program, whichever variant of it meets it, once: the first time, on the thread of the worker. */
public final class TrapLog {
    private final Output output;
    private final boolean everyTime;
    private final Map<Fault, Report> reports = new HashMap<>();

    /** Takes what is told. */
    @FunctionalInterface
    public interface Output {
        /** @param first whether it was not told of this fault before */
        void report(Worker worker, Trap trap, boolean first);
    }

    private record Fault(int slot, String what) {
    }

    /** Whether a fault was told of; the same for all variants of the program. */
    static final class Report {
        boolean made;

        /** Whether it is the first time; of several threads one is told so. */
        synchronized boolean isFirst() {
            boolean first = !made;
            made = true;
            return first;
        }
    }

    /** @param everyTime tells of it each time, which takes microseconds, where somebody looks at single packets */
    public TrapLog(Output output, boolean everyTime) {
        this.output = output;
        this.everyTime = everyTime;
    }

    boolean everyTime() {
        return everyTime;
    }

    /** Of a fault at an instruction. */
    synchronized Report of(int slot, String what) {
        return reports.computeIfAbsent(new Fault(slot, what), fault -> new Report());
    }

    void report(Worker worker, Trap trap, boolean first) {
        output.report(worker, trap, first);
    }
}
