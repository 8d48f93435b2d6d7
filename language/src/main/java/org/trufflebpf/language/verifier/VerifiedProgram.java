package org.trufflebpf.language.verifier;

import java.util.List;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * A program that may run, with all that is known about it; immutable and shared by every instance.
 *
 * @param safety what it was verified for
 * @param start its first slot: 0, or that of the function that timers call
 * @param analysis holds the control flow graph, the maps and the state at each block
 * @param callbacks what timers may call that it, or one of these, sets
 */
public record VerifiedProgram(ProgramSpec spec, Code code, Entry entry, Safety safety, int start, Analysis analysis, List<TimerCallback> callbacks) {

    public VerifiedProgram {
        callbacks = List.copyOf(callbacks);
    }

    /** Of an equivalent graph, for programs that do the same as this one and its callbacks. */
    public VerifiedProgram with(Analysis equivalent, List<TimerCallback> equivalentCallbacks) {
        return new VerifiedProgram(spec, code, entry, safety, start, equivalent, equivalentCallbacks);
    }

    VerifiedProgram withCallbacks(List<TimerCallback> found) {
        return new VerifiedProgram(spec, code, entry, safety, start, analysis, found);
    }

    /** What its instructions need, and whether that is proved, in the order of the code; computed anew with each call. */
    public List<Finding> findings() {
        return Obligations.of(code, start, entry, analysis);
    }

    /** Those of one instruction as to memory, arguments and references; without a look at the others. */
    public List<Finding> findingsAt(int slot) {
        return Obligations.at(slot, analysis);
    }

    /** The same program where maps hold {@code contents}; what they make impossible is not in it. Its timers' callbacks are as they were. */
    public VerifiedProgram where(KnownMaps contents) {
        return with(analysis.where(contents), callbacks);
    }
}
