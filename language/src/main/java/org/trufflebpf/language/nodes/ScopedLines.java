package org.trufflebpf.language.nodes;

/** Lines of a program, and what can be seen when it stands at one. Asked by tools only. */
public interface ScopedLines extends ProgramLines {
    /** What can be seen at the instruction at a slot, before it runs: an interop scope, which holds values of that moment. */
    Object scope(int slot, StepView view);
}
