package org.trufflebpf.language.nodes;

import org.trufflebpf.language.cfg.LineStarts;

/**
 * What tools see of a program's blocks.
 *
 * @param starts where C lines begin
 * @param depths of calls, by block
 * @param sampled null where no profiler asks for lines
 */
record CodeLines(LineStarts starts, int[] depths, SampledLines sampled) {
}
