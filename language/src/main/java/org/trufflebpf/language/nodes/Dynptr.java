package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.language.helpers.PacketNodes;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;
import org.trufflebpf.maps.Errno;

/**
 * A dynptr that a call uses, at one place of the stack. What it describes is in two frame slots that no instruction reaches, so nothing that a program
 * writes makes or changes one; in compiled code they are machine registers, and what kind it is is mostly a constant.
 *
 * <p>The state is laid out as the kernel's struct bpf_dynptr_kern: length in bits 0 to 23, kind in bits 28 to 30, offset in the upper half. 0: there is
 * no dynptr. An address of 0 is a null dynptr, whose calls fail. A dynptr to the packet has no address: each use looks where the packet is.
 */
final class Dynptr {
    static final long PACKET = 1L << 28;
    static final long VALUE = 2L << 28;
    static final long RECORD = 3L << 28;
    /** DYNPTR_MAX_SIZE, in bytes. */
    static final long MAX_SIZE = 0xff_ffff;
    private static final long KIND = 7L << 28;

    private final DynptrPlace place;
    private final boolean ofPacket;
    private final boolean ofValue;
    /** Null where it can be no record. */
    private final Rings rings;
    private final TrapSite none;
    private final TrapSite lost;

    /**
     * @param described what it can be
     * @param rings where its record can be from
     * @param none the trap where it is none of that
     * @param lost the trap where its record is not held any more
     */
    Dynptr(DynptrPlace place, Value described, Rings rings, TrapSite none, TrapSite lost) {
        this.place = place;
        this.ofPacket = described.may(Kind.PACKET_DYNPTR);
        this.ofValue = described.may(Kind.VALUE_DYNPTR);
        this.rings = described.may(Kind.RECORD_DYNPTR) ? rings : null;
        this.none = none;
        this.lost = lost;
    }

    DynptrPlace place() {
        return place;
    }

    long state(VirtualFrame frame) {
        long state = place.state(frame);
        if (state == 0) {
            throw none.trap(frame);
        }
        return state;
    }

    /** Of one that {@link #state} found. */
    boolean isNull(VirtualFrame frame) {
        return place.address(frame) == 0;
    }

    static long size(long state) {
        return state & MAX_SIZE;
    }

    /** The state of the part [{@code start}, {@code end}) of it. */
    static long adjusted(long state, long start, long end) {
        return state + (start << 32) & ~MAX_SIZE | end - start;
    }

    /** Whether {@code length} bytes from {@code offset} on, u32 both, are not all its own (bpf_dynptr_check_off_len). */
    static boolean isOutside(long state, long offset, long length) {
        return length > size(state) || offset > size(state) - length;
    }

    boolean isOfPacket(long state) {
        return ofPacket && (state & KIND) == PACKET;
    }

    /**
     * The address of {@code length} bytes from {@code offset} on, or a negative error; of one that is not null.
     *
     * @param offset u32
     * @param length u32
     */
    long locate(VirtualFrame frame, long state, long offset, long length) {
        if (isOutside(state, offset, length)) {
            return -Errno.E2BIG;
        }
        long from = (state >>> 32) + offset;
        if (isOfPacket(state)) {
            return PacketNodes.place(frame, from, length);
        }
        long address = place.address(frame) + from;
        if (ofValue && (state & KIND) == VALUE) {
            return address;
        }
        if (rings != null && (state & KIND) == RECORD) {
            if (!rings.own(Rings.Held.of(frame), (Worker) frame.getArguments()[0], address, length)) {
                throw lost.trap(frame);
            }
            return address;
        }
        throw none.trap(frame);
    }

    /** The same, or 0 as bpf_dynptr_slice gives it. */
    long slice(VirtualFrame frame, long offset, long length) {
        long state = state(frame);
        if (isNull(frame) || isOutside(state, offset, length)) {
            return 0;
        }
        return Math.max(0, isOfPacket(state) ? PacketNodes.slice(frame, (state >>> 32) + offset, length) : locate(frame, state, offset, length));
    }

    /** Hands its record over and ends it. */
    void giveBack(VirtualFrame frame, boolean submits, long flags) {
        state(frame);
        long record = place.address(frame);
        if (record != 0 && (rings == null || !rings.giveBack(frame, submits, record, flags))) {
            throw lost.trap(frame);
        }
        place.end(frame);
    }
}
