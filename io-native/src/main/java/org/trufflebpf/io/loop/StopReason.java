package org.trufflebpf.io.loop;

/** Why a poll loop ended. */
public enum StopReason {
    /** No port has any more packets. */
    END_OF_INPUT,
    /** The wanted number of packets was received. */
    COUNT,
    /** The wanted time is over. */
    DURATION,
    /** Somebody called {@link PollLoop#stop}. */
    REQUESTED
}
