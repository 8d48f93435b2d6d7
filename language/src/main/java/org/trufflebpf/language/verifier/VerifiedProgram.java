package org.trufflebpf.language.verifier;

import java.util.List;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.object.ProgramSpec;

/**
 * A program that may run, with all that is known about it; immutable and shared by every instance.
 *
 * @param analysis holds the control flow graph, the maps and the state at each block
 * @param callbacks what timers may call that it, or one of these, sets
 */
public record VerifiedProgram(ProgramSpec spec, Code code, Entry entry, Analysis analysis, List<TimerCallback> callbacks) {

    public VerifiedProgram {
        callbacks = List.copyOf(callbacks);
    }
}
