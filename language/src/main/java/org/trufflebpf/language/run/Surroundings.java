package org.trufflebpf.language.run;

import org.trufflebpf.language.runtime.Clock;

/**
 * What programs see of the world besides packets and maps. With a clock other than {@link Clock.Wall} a run repeats exactly.
 *
 * @param seed of the random numbers
 */
public record Surroundings(Clock clock, long seed) {
    /** No time passes; the numbers are always the same. */
    public static final Surroundings FIXED = new Surroundings(new Clock.Fixed(0), 0);
}
