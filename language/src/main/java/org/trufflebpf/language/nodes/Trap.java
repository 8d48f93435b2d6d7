package org.trufflebpf.language.nodes;

/**
 * A fault that ended a program's run for one packet.
 *
 * @param slot the instruction
 * @param fault in words, as a predicate of the instruction
 * @param access null where it is not about memory
 * @param registers name and value of each register that holds something, in words
 * @param descriptor address of the packet's descriptor in its burst, 0 in what a timer called
 */
public record Trap(int slot, Kind kind, String fault, Access access, String registers, long descriptor) {

    /** What was wrong. */
    public enum Kind {
        /** An instruction accesses memory that it may not. */
        ACCESS,
        /** A call is given what it does not take, or is made when it must not be. */
        CALL,
        /** Too many iterations of loops. */
        LOOP
    }

    /**
     * The memory that was to be accessed.
     *
     * @param size in bytes
     * @param region "packet", "stack", "context" or "map NAME"; null for an address that is near none of these
     * @param offset in bytes, from the first byte of packet, context or map value, on the stack from its end, which is r10
     * @param place both in words, or the address itself
     */
    public record Access(long size, String region, long offset, String place) {
    }

    /** The fault with the place in memory. */
    public String text() {
        return access == null ? fault : fault + " (" + access.size + " bytes at " + access.place + ")";
    }
}
