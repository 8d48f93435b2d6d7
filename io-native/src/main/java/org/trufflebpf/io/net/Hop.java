package org.trufflebpf.io.net;

/** Where a lookup leads: out of an interface, or nowhere for a reason. */
public final class Hop {
    /** What a lookup comes to. */
    public enum Outcome {
        FORWARDED, BLACKHOLE, UNREACHABLE, PROHIBITED, /** To this machine, to many, or no route. */ NOT_FORWARDED
    }

    static final Hop BLACKHOLE = new Hop(Outcome.BLACKHOLE);
    static final Hop UNREACHABLE = new Hop(Outcome.UNREACHABLE);
    static final Hop PROHIBITED = new Hop(Outcome.PROHIBITED);
    static final Hop NOT_FORWARDED = new Hop(Outcome.NOT_FORWARDED);
    /** The table has no route: the next rule is asked. */
    static final Hop NOT_FOUND = new Hop(Outcome.NOT_FORWARDED);

    /** The rest is defined for {@link Outcome#FORWARDED} only. */
    public final Outcome outcome;
    public final NetworkInterface port;
    public final long metric;
    /** Most bytes of a packet that goes there. */
    public final int mtu;
    public final boolean encapsulated;
    /** Whether the neighbour is not the destination itself. */
    public final boolean hasGateway;
    public final boolean gatewayIsIpv6;
    public final long gatewayHigh;
    public final long gatewayLow;
    /** The best source address. */
    public final boolean hasSource;
    public final long sourceHigh;
    public final long sourceLow;
    final int weight;
    /** Of the prefix that was found. */
    final int prefixLength;

    private Hop(Outcome outcome) {
        this(outcome, null, 0, 0, false, null, null, 0, 0);
    }

    Hop(Outcome outcome, NetworkInterface port, long metric, int mtu, boolean encapsulated, IpAddress gateway, IpAddress source, int weight,
            int prefixLength) {
        this.outcome = outcome;
        this.port = port;
        this.metric = metric;
        this.mtu = mtu;
        this.encapsulated = encapsulated;
        this.hasGateway = gateway != null;
        this.gatewayIsIpv6 = gateway != null && gateway.ipv6();
        this.gatewayHigh = gateway == null ? 0 : gateway.high();
        this.gatewayLow = gateway == null ? 0 : gateway.low();
        this.hasSource = source != null;
        this.sourceHigh = source == null ? 0 : source.high();
        this.sourceLow = source == null ? 0 : source.low();
        this.weight = weight;
        this.prefixLength = prefixLength;
    }
}
