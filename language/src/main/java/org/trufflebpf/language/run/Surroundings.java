package org.trufflebpf.language.run;

import org.trufflebpf.io.net.Network;
import org.trufflebpf.io.net.NetworkView;
import org.trufflebpf.language.runtime.Clock;

/**
 * What programs see of the world besides packets and maps. With a clock other than {@link Clock.Wall} and a network that stays as it is a run repeats
 * exactly.
 *
 * @param seed of the random numbers
 * @param network interfaces, routes and neighbours
 */
public record Surroundings(Clock clock, long seed, NetworkView network) {
    /** A network of which nothing is known. */
    private static final NetworkView NOWHERE = new NetworkView(Network.EMPTY);
    /** No time passes; the numbers are always the same. */
    public static final Surroundings FIXED = new Surroundings(new Clock.Fixed(0), 0);

    /** The machine's clock and any seed, in a network of which nothing is known. */
    public static Surroundings live() {
        return new Surroundings(new Clock.Wall(), 0);
    }

    /** It is when the packets came, and otherwise as {@link #live}. */
    public static Surroundings ofPackets() {
        return new Surroundings(new Clock.Capture(), 0);
    }

    public Surroundings(Clock clock, long seed) {
        this(clock, seed, NOWHERE);
    }

    public Surroundings in(NetworkView network) {
        return new Surroundings(clock, seed, network);
    }
}
