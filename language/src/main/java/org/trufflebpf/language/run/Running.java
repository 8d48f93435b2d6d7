package org.trufflebpf.language.run;

import java.util.List;
import java.util.function.Supplier;
import org.trufflebpf.maps.BpfMap;

/**
 * A run as those see it who accompany it.
 *
 * @param program the name of the one that gets the packets
 * @param programs the names of all programs of the object
 * @param maps of the object, filled; any thread may read and change them
 * @param report what was counted so far; any thread may ask
 * @param stop ends the run as if its input had ended; returns at once, any thread may call
 */
public record Running(String program, List<String> programs, List<BpfMap> maps, Supplier<RunReport> report, Runnable stop) {
}
