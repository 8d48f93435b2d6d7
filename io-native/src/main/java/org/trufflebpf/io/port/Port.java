package org.trufflebpf.io.port;

import java.io.IOException;
import org.trufflebpf.io.burst.Burst;

/**
 * Where packets come from and go to: one receive queue with its transmit side.
 *
 * <p><b>Ownership.</b> A port has a pool of frames. {@link #receive} lends frames to the caller, who gives each of them back exactly once: by
 * {@link #transmit} to any port, or by {@link #release} to the port that it came from. {@link #copy} takes nothing. A frame given back must
 * not be touched any more, its descriptor may be reused. Frames are named by their burst descriptor, from which the port reads FRAME,
 * DATA, LENGTH, META_LENGTH and TIMESTAMP as the processor left them.
 *
 * <p>What is transmitted may leave only at {@link #flush}, which the loop calls once per burst: there a live port makes its system call.
 * No method but receive and flush waits, locks or allocates. All are called by one thread, the port's worker; a port whose memory is shared
 * with another port belongs to the same worker.
 */
public interface Port extends AutoCloseable {
    /** What {@link #receive} returns when no packet will ever come again. */
    int END = -1;

    /** Interface number, 1 or more. */
    int ifindex();

    /** Number of the receive queue within the interface. */
    default int rxQueue() {
        return 0;
    }

    /**
     * Fills the descriptors 0, 1, ... of {@code burst} with packets that are there, without waiting. A fresh packet has the burst's usual
     * headroom and no metadata.
     *
     * @param limit most packets to take, 1 to the burst's capacity
     * @return number of packets, 0 if none is there now, {@link #END} if none will ever come
     * @throws IOException if the port broke, after every packet before that was received; one line
     */
    int receive(Burst burst, int limit) throws IOException;

    /**
     * Sends a packet and takes its frame, whatever the result. The frame itself travels if it is this port's own or lies in memory shared with
     * its owner; otherwise the bytes are copied and the frame goes back to its owner at once.
     *
     * @param descriptor address of the packet's burst descriptor
     * @param owner the port that the packet was received from
     * @return false if there is no room to send it: the packet is lost
     */
    boolean transmit(long descriptor, Port owner) throws IOException;

    /** Sends a copy of a packet; the frame stays with the caller. False if there is no room to send it. */
    boolean copy(long descriptor) throws IOException;

    /** Takes back a frame of this port without sending it. */
    void release(long descriptor);

    /** Nanoseconds, from now on, for which surely no packet comes after {@link #receive} gave none; 0 if that is not known. */
    default long quiet() {
        return 0;
    }

    /** Hands what was transmitted to the system, without waiting until it has left. */
    default void flush() throws IOException {
    }

    /** Ends an orderly run: what was sent is made final. A port that is closed without it may throw buffered output away. */
    default void finish() throws IOException {
    }

    /** Packets that arrived at the port, but could not be received: no room, or longer than a frame holds. */
    default long missed() {
        return 0;
    }

    /** Frees all frames, the lent ones too. Closing twice is harmless. */
    @Override
    void close() throws IOException;
}
