package org.trufflebpf.language.run;

/**
 * What programs see of the world besides packets and maps. With a clock other than {@link Wall} a run repeats exactly.
 *
 * @param seed of the random numbers
 */
public record Surroundings(Clock clock, long seed) {
    /** No time passes; the numbers are always the same. */
    public static final Surroundings FIXED = new Surroundings(new Fixed(0), 0);

    /** What bpf_ktime_get_ns and its kin tell. */
    public sealed interface Clock {
    }

    /** The time at which the packet was captured. */
    public record Capture() implements Clock {
    }

    /** The machine's own time. */
    public record Wall() implements Clock {
    }

    public record Fixed(long nanoseconds) implements Clock {
    }
}
