package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.source.SourceSection;

/** Where a program stands in its C source. Asked by tools only. */
public interface ProgramLines {
    /** The program's lines, or null when the object does not say them. */
    SourceSection section();

    /** The line of the instruction at a slot, the same object for the same line; null when the object does not say it. */
    SourceSection section(int slot);
}
