package org.trufflebpf.language.nodes;

import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.cfg.Terminator;

/** Watches a program run step by step, in the interpreter, on the worker's thread. Programs that nobody watches have no nodes for it. */
public interface StepListener {
    /**
     * @param step is about to run
     * @param view of the machine before it, valid only during the call
     */
    void step(Step step, StepView view);

    /**
     * @param slot where the block ends
     * @param end is about to say where it goes on
     */
    void end(int slot, Terminator end, StepView view);
}
