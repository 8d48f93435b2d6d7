package org.trufflebpf.language.verifier;

import org.trufflebpf.language.verifier.Value.Kind;

/** Whether a memory access is inside its region whatever the values: such an access runs without a check. */
public final class Proof {
    private static final int FRAME = 8 * State.WORDS_PER_FRAME;

    private Proof() {
    }

    /** Of {@code size} bytes at {@code base + offset}, in {@code state}. */
    public static boolean holds(State state, MapTable maps, Value base, long offset, long size, boolean reads, boolean writes) {
        return state.isProved(base) || base.isWithin(Kind.STACK, offset, size, -FRAME, 0) || state.isInPacket(base, offset, size) ||
                        base.isInSized(offset, size) ||
                        !writes && base.isWithin(Kind.MAP_KEY, offset, size, 0, maps.smallestKey(base.maps())) ||
                        base.isOnly(Kind.MAP_VALUE) &&
                                        (base.isWithin(Kind.MAP_VALUE, offset, size, 0, maps.smallestValue(base.maps())) ||
                                        state.isReached(base, offset, size)) &&
                                        maps.allowing(base.maps(), reads, writes) == base.maps();
    }
}
