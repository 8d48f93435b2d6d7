package org.trufflebpf.io.generator;

/** Which flow each packet belongs to: which values its varying fields have together. The same seed gives the same packets. */
public sealed interface FlowChoice {
    /** Every packet draws its values anew. */
    record Fresh() implements FlowChoice {
    }

    /**
     * Some flows, whose values are drawn once, so that in a small space two may be the same; every flow is as likely as any other.
     *
     * @param flows at least 1
     */
    record Uniform(long flows) implements FlowChoice {
    }

    /**
     * The same, but the n-th flow is n^skew times rarer than the first.
     *
     * @param flows 1 to {@link #MOST_FLOWS}
     * @param skew above 0; traffic of the Internet has about 1
     */
    record Zipf(int flows, double skew) implements FlowChoice {
        /** Each takes 16 bytes of a table. */
        public static final int MOST_FLOWS = 1 << 24;
    }

    /** All combinations of values one after the other, the first variable fastest, then from the start again. */
    record InTurn() implements FlowChoice {
    }
}
