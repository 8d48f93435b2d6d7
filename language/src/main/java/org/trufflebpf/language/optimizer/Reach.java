package org.trufflebpf.language.optimizer;

import org.trufflebpf.language.verifier.Value;
import org.trufflebpf.language.verifier.Value.Kind;

/**
 * Where memory lies that is accessed through one address, so that two accesses can be told apart.
 *
 * @param regions a set of regions that do not overlap
 * @param frames of the stack, a bit per call depth
 * @param comparable whether {@code min} and {@code max} are distances from the packet's first byte or from one frame pointer
 */
record Reach(int regions, int frames, boolean comparable, long min, long max) {
    private static final int PACKET = 1;
    private static final int STACK = 2;
    private static final int MAP_VALUE = 4;
    private static final int MAP_KEY = 8;
    private static final int RECORD = 16;
    private static final int ALL = -1;

    /** @param delta by how much {@code base} is above the address */
    static Reach of(Value base, long delta) {
        int regions = base.isOnly(Kind.PACKET) || base.isOnly(Kind.PACKET_SLICE) ? PACKET : base.isOnly(Kind.STACK) ? STACK
                        : base.isOnly(Kind.MAP_VALUE) ? MAP_VALUE : base.isOnly(Kind.MAP_KEY) ? MAP_KEY : base.isOnly(Kind.RECORD) ? RECORD : ALL;
        boolean small = base.min() > Integer.MIN_VALUE && base.max() < Integer.MAX_VALUE;
        boolean comparable = small && (base.isOnly(Kind.PACKET) || base.isOnly(Kind.STACK) && base.hasOneFrame());
        return new Reach(regions, base.isOnly(Kind.STACK) ? base.frames() : 0, comparable, base.min() - delta, base.max() - delta);
    }

    /** Whether {@code size} bytes at {@code offset} from here can be among {@code otherSize} bytes at {@code otherOffset} from {@code other}. */
    boolean overlaps(long offset, int size, Reach other, long otherOffset, int otherSize) {
        if ((regions & other.regions) == 0) {
            return false;
        }
        if (regions == STACK && other.regions == STACK && (frames & other.frames) == 0) {
            return false;
        }
        boolean sameScale = comparable && other.comparable && regions == other.regions;
        return !sameScale || min + offset < other.max + otherOffset + otherSize && other.min + otherOffset < max + offset + size;
    }
}
