package org.trufflebpf.language.nodes;

import org.trufflebpf.language.helpers.HelperEnvironment;
import org.trufflebpf.maps.BpfMap;

/**
 * What makes a verified program one of an instance.
 *
 * @param maps by the numbers of the program's map table, null for templates; callers must not change the array
 * @param innerMaps finds the maps that maps hold
 * @param traps is told what goes wrong
 * @param lines where the program stands in its source, and what can be seen there
 * @param tailCalls the programs that it can hand packets on to
 * @param timers those that it can set
 * @param loopBudget back edges that a packet may take
 * @param folded what maps hold whenever the code runs
 * @param watcher is told of each step; null for a program that is to be fast
 * @param sampled whether a sampling profiler is to see C lines
 * @param partLimit instructions, calls counted as many, of what is compiled as one
 */
public record ProgramBindings(BpfMap[] maps, InnerMaps innerMaps, HelperEnvironment environment, TrapLog traps, ScopedLines lines, TailCallTargets tailCalls,
                Timers timers, long loopBudget, FoldedMaps folded, StepListener watcher, boolean sampled, int partLimit) {

    /** The same for a variant of the program. */
    public ProgramBindings with(FoldedMaps contents, TailCallTargets others) {
        return new ProgramBindings(maps, innerMaps, environment, traps, lines, others, timers, loopBudget, contents, watcher, sampled,
                        partLimit);
    }
}
