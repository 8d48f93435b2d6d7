package org.trufflebpf.io.port;

import java.io.IOException;
import java.util.Map;
import org.trufflebpf.io.burst.Burst;

/**
 * Where packets come from and go to: one receive queue with its transmit side.
 *
 * <p><b>Ownership.</b> Every frame belongs to a {@linkplain #memory() memory}, which one or several ports share, and has one owner at a time.
 * {@link #receive} lends frames to the caller, who gives each of them back exactly once: by {@link #release} to any port of its memory, or by
 * {@link #transmit} at a port of its memory, which sends the very frame and frees it once it has left. {@link #copy} takes nothing: so a packet
 * gets to a port with another memory. A frame given back must not be touched any more, its descriptor may be reused. Frames are named by their
 * burst descriptor, from which the port reads FRAME, DATA, LENGTH, META_LENGTH and TIMESTAMP as the processor left them; the frame, of which
 * FRAME is as it was received, is enough for its memory to know it by.
 *
 * <p>What is transmitted may leave only at {@link #flush}, which the loop calls once per burst: there a live port makes its system call.
 * No method but {@link #start}, receive, flush and {@link #finish} makes system calls (and transmit and copy of ports whose driver takes packets one
 * by one only), and none of those called per burst or packet waits, locks or allocates. All but {@link #details} are called by one thread, the port's
 * worker; ports with the same memory belong to the same worker.
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

    /** What the port's frames lie in. Frames can travel between ports for which this is the same object; by itself a port shares with none. */
    default Object memory() {
        return this;
    }

    /** Called once before anything else, when the program is ready: from now on packets may come. */
    default void start() throws IOException {
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
     * Sends a packet whose frame is of this port's memory, and takes the frame, whatever the result.
     *
     * @param descriptor address of the packet's burst descriptor
     * @return false if there is no room to send it: the packet is lost
     * @throws IOException if what is sent is kept in a file that cannot be written; a live port that broke has no room
     */
    default boolean transmit(long descriptor) throws IOException {
        boolean sent = copy(descriptor);
        release(descriptor);
        return sent;
    }

    /**
     * As {@link #transmit(long)} for packets of a burst one after the other, up to the first that is lost.
     *
     * @param start the first packet's number in the burst
     * @param end the number after the last one's
     * @return how many were sent before one was lost
     */
    default int transmit(Burst burst, int start, int end) throws IOException {
        int next = start;
        while (next < end && transmit(burst.descriptor(next))) {
            next++;
        }
        return next - start;
    }

    /** Sends a copy of a packet, whatever memory its frame is of; the frame stays with the caller. Otherwise as {@link #transmit}. */
    boolean copy(long descriptor) throws IOException;

    /** Takes back a frame of this port's memory without sending it. */
    void release(long descriptor);

    /** Takes back the frames of the packets of a burst from number {@code start} to the one before {@code end}. */
    default void release(Burst burst, int start, int end) {
        for (int i = start; i < end; i++) {
            release(burst.descriptor(i));
        }
    }

    /** Nanoseconds, from now on, for which surely no packet comes after {@link #receive} gave none; 0 if that is not known. */
    default long quiet() {
        return 0;
    }

    /** A file descriptor that poll(2) reports as readable when {@link #receive} has something, or -1 if there is none. */
    default int pollDescriptor() {
        return -1;
    }

    /** Whether a port with a {@link #pollDescriptor} needs no call until that is readable: nothing that was sent is still on its way. */
    default boolean isAtRest() {
        return true;
    }

    /** Hands what was transmitted to the system, without waiting until it has left. What the system does not take counts as {@link #refused}. */
    default void flush() throws IOException {
    }

    /**
     * Packets that {@link #transmit} or {@link #copy} took and the system did not take at {@link #flush}, since the port was opened: they are lost.
     */
    default long refused() {
        return 0;
    }

    /** The bytes of those packets. */
    default long refusedBytes() {
        return 0;
    }

    /** Called by the worker's thread when it is done, whichever way that came about; finish and close follow, from any thread. */
    default void leave() {
    }

    /** Ends an orderly run: what was sent leaves or is made final. A port that is closed without it may throw buffered output away. */
    default void finish() throws IOException {
    }

    /** Packets that arrived at the port, but could not be received: no room, or longer than a frame holds. */
    default long missed() {
        return 0;
    }

    /**
     * What {@link #details} calls packets that were missed as they are longer than what a program gets.
     *
     * @param fragments whether that may be several buffers
     */
    static String tooLong(boolean fragments) {
        return fragments ? "missed as too long" : "missed as too long without xdp.frags";
    }

    /**
     * What else there is to know of the port, such as how full its rings are or why packets were missed: words for people, and a number each, always
     * in the same order. Any thread may ask until the port is closed.
     */
    default Map<String, Long> details() {
        return Map.of();
    }

    /** Frees all frames, the lent ones too. Closing twice is harmless. */
    @Override
    void close() throws IOException;
}
