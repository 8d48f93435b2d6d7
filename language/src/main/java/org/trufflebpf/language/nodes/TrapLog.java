package org.trufflebpf.language.nodes;

import java.util.HashMap;
import java.util.Map;

/** Tells of each fault of a program, whichever variant of it meets it, once: the first time, on the thread of the worker. */
public final class TrapLog {
    private final Output output;
    private final Map<Fault, Report> reports = new HashMap<>();

    /** Takes what is told. */
    @FunctionalInterface
    public interface Output {
        /**
         * @param slot the instruction
         * @param what the fault, as a predicate of the instruction
         * @param registers name and value of each register that holds something, in words
         */
        void report(int slot, String what, String registers);
    }

    private record Fault(int slot, String what) {
    }

    /** Whether a fault was told of; the same for all variants of the program. */
    static final class Report {
        boolean made;
    }

    public TrapLog(Output output) {
        this.output = output;
    }

    /** Of a fault at an instruction. */
    synchronized Report of(int slot, String what) {
        return reports.computeIfAbsent(new Fault(slot, what), fault -> new Report());
    }

    void report(int slot, String what, String registers) {
        output.report(slot, what, registers);
    }
}
