package org.trufflebpf.language.verifier;

import java.util.EnumSet;
import java.util.Set;

/**
 * What is known of a register or stack word: which kinds of thing it can hold and between which bounds. Every number that it can take at run
 * time is covered, so a run-time check needs to look only at the regions of its kinds.
 *
 * @param kinds set of {@link Kind}, a bit per ordinal; 0 is a register that nothing was written to
 * @param maps for handles, map values, keys, records and dynptrs to them: the program's maps it can belong to, a bit per number (the kernel allows a
 *        program 64 maps)
 * @param frames for stack pointers: the call depths it can belong to, a bit per depth; for records of a ring buffer and slices of the packet: their
 *        bytes, at least; for map values: the element's number in the {@link KnownMaps} and one, or 0 where it is not known
 * @param range of the number for scalars; for pointers of the distance in bytes from the start of the map value, key or record, the frame
 *        pointer, the context or the first packet byte. A value of several kinds has no bounds, but {@link Kind#NULL} beside one pointer kind
 *        keeps the pointer's.
 * @param id values of one {@link State} with the same id are {@code delta} above one number, so what is shown of one shows it of all; 0 for none
 * @param delta from that number, modulo 2^64
 */
public record Value(int kinds, long maps, int frames, Range range, int id, long delta) {

    /** What a value can be. */
    public enum Kind {
        SCALAR, /** The number 0 where a pointer is expected, as lookups give it. */ NULL, CONTEXT, PACKET, PACKET_END, STACK,
        /** A map's handle. */ MAP, MAP_VALUE,
        /** A key in a map, which programs may only read. */ MAP_KEY,
        /** A record that the program reserved in a ring buffer and has not given back. */ RECORD,
        /** Bytes of the packet that a dynptr gave. */ PACKET_SLICE,
        /** The dynptr of a sample that a callback gets, by the sample's address. */ SAMPLE_DYNPTR,
        // In stack words only: the place of a struct bpf_dynptr, by what it describes.
        PACKET_DYNPTR, VALUE_DYNPTR, RECORD_DYNPTR;

        int bit() {
            return 1 << ordinal();
        }
    }

    /** The id of the start of the metadata, which has one place until the packet moves. */
    static final int META_ID = 1;
    /** The first id that values get as they need one. */
    static final int FIRST_ID = META_ID + 1;

    private static final Range AT_BASE = Range.constant(0);
    static final Value UNWRITTEN = new Value(0, 0, 0, AT_BASE);
    static final Value ANY_SCALAR = scalar(Range.ANY);
    static final Value CONTEXT = pointer(Kind.CONTEXT);
    static final Value PACKET = pointer(Kind.PACKET);
    static final Value PACKET_END = pointer(Kind.PACKET_END);
    /** The start of the metadata. */
    static final Value PACKET_META = new Value(Kind.PACKET.bit(), 0, 0, Range.ANY, META_ID, 0);
    private static final int POINTERS = Kind.CONTEXT.bit() | Kind.PACKET.bit() | Kind.PACKET_END.bit() | Kind.STACK.bit() |
                    Kind.MAP.bit() | Kind.MAP_VALUE.bit() | Kind.MAP_KEY.bit() | Kind.RECORD.bit() | Kind.PACKET_SLICE.bit() |
                    Kind.SAMPLE_DYNPTR.bit();
    /** Those whose length is in {@link #frames}. */
    private static final int SIZED = Kind.RECORD.bit() | Kind.PACKET_SLICE.bit();
    private static final int DYNPTRS = Kind.PACKET_DYNPTR.bit() | Kind.VALUE_DYNPTR.bit() | Kind.RECORD_DYNPTR.bit();

    private Value(int kinds, long maps, int frames, Range range) {
        this(kinds, maps, frames, range, 0, 0);
    }

    static Value scalar(Range range) {
        return new Value(Kind.SCALAR.bit(), 0, 0, range);
    }

    static Value constant(long value) {
        return scalar(Range.constant(value));
    }

    /** What a load of {@code bits} bits without sign gives. */
    static Value unsigned(int bits) {
        return scalar(Range.unsigned(bits));
    }

    static Value signed(int bits) {
        return scalar(Range.signed(bits));
    }

    /** Signed lower bound of the number or distance. */
    public long min() {
        return range.min();
    }

    /** Signed upper bound, inclusive. */
    public long max() {
        return range.max();
    }

    private static Value pointer(Kind kind) {
        return new Value(kind.bit(), 0, 0, AT_BASE);
    }

    static Value stack(int depth) {
        return new Value(Kind.STACK.bit(), 0, 1 << depth, AT_BASE);
    }

    static Value map(int number) {
        return new Value(Kind.MAP.bit(), 1L << number, 0, AT_BASE);
    }

    /** An inner map, by the templates that it can be like, or null. */
    static Value innerMap(long templates) {
        return new Value(Kind.MAP.bit() | Kind.NULL.bit(), templates, 0, AT_BASE);
    }

    static Value mapValue(long maps, boolean nullable, long offset) {
        return new Value(Kind.MAP_VALUE.bit() | (nullable ? Kind.NULL.bit() : 0), maps, 0, Range.constant(offset));
    }

    /** The address in the value of an element that is known. */
    static Value element(int map, int element, long offset) {
        return new Value(Kind.MAP_VALUE.bit(), 1L << map, element + 1, Range.constant(offset));
    }

    static Value mapKey(long maps) {
        return new Value(Kind.MAP_KEY.bit(), maps, 0, AT_BASE);
    }

    /** A new record, or null. */
    static Value record(long maps, int size) {
        return new Value(Kind.RECORD.bit() | Kind.NULL.bit(), maps, size, AT_BASE);
    }

    /** Bytes of the packet, or null. */
    static Value packetSlice(int size) {
        return new Value(Kind.PACKET_SLICE.bit() | Kind.NULL.bit(), 0, size, AT_BASE);
    }

    /** The dynptr of a sample of one of these rings, or null. */
    static Value sample(long maps) {
        return new Value(Kind.SAMPLE_DYNPTR.bit() | Kind.NULL.bit(), maps, 0, AT_BASE);
    }

    /** @param kind what it describes, one of the dynptr kinds */
    static Value dynptr(Kind kind, long maps) {
        return new Value(kind.bit(), maps, 0, AT_BASE);
    }

    public boolean may(Kind kind) {
        return (kinds & kind.bit()) != 0;
    }

    public boolean isOnly(Kind kind) {
        return kinds == kind.bit();
    }

    public boolean isUnwritten() {
        return kinds == 0;
    }

    boolean mayBePointer() {
        return (kinds & POINTERS) != 0;
    }

    boolean mayBeNumber() {
        return (kinds & ~POINTERS) != 0;
    }

    public boolean mayBeDynptr() {
        return (kinds & DYNPTRS) != 0;
    }

    boolean mayReachValue() {
        return may(Kind.MAP_VALUE) || may(Kind.VALUE_DYNPTR);
    }

    boolean isDynptr() {
        return kinds != 0 && (kinds & ~DYNPTRS) == 0;
    }

    public boolean isConstant() {
        return isOnly(Kind.SCALAR) && range.isConstant();
    }

    /** A pointer of one kind, never null, at a known distance from its base. */
    public boolean isAt(Kind kind) {
        return isOnly(kind) && range.isConstant();
    }

    /** Whether it is of this kind alone and {@code size} bytes there lie inside [{@code low}, {@code high}) of its base. */
    public boolean isWithin(Kind kind, long offset, long size, long low, long high) {
        return isOnly(kind) && min() >= low - offset && max() <= high - offset - size;
    }

    /** Whether {@code size} bytes there lie inside a live record or a slice of the packet. */
    public boolean isInSized(long offset, long size) {
        return isWithin(Kind.RECORD, offset, size, 0, frames) || isWithin(Kind.PACKET_SLICE, offset, size, 0, frames);
    }

    /** The one call depth of a stack pointer. */
    public int depth() {
        return Integer.numberOfTrailingZeros(frames);
    }

    public boolean hasOneFrame() {
        return Integer.bitCount(frames) == 1;
    }

    public boolean hasOneMap() {
        return Long.bitCount(maps) == 1;
    }

    /** The one map's number. */
    public int map() {
        return Long.numberOfTrailingZeros(maps);
    }

    /** Whether it is an address in or about the value of one known element. */
    public boolean isInElement() {
        return isOnly(Kind.MAP_VALUE) && frames > 0;
    }

    /** That element's number in the contents. */
    public int element() {
        return frames - 1;
    }

    /** Whether it is the address of a map's value, or near above it, so that no path leads where it compares equal to 0. */
    boolean isNotZero() {
        return isOnly(Kind.MAP_VALUE) && min() >= 0 && max() <= Integer.MAX_VALUE;
    }

    /** The same things elsewhere. */
    Value at(Range newRange) {
        return new Value(kinds, maps, frames, newRange);
    }

    /** The same with more known of the number. */
    Value refined(Range newRange) {
        return new Value(kinds, maps, frames, newRange, id, delta);
    }

    Value withId(int newId, long newDelta) {
        return new Value(kinds, maps, frames, range, newId, newDelta);
    }

    Value withoutId() {
        return id == 0 ? this : withId(0, 0);
    }

    /** Whether it takes part in what is shown of its equals. */
    boolean isIdentifiable() {
        return !range.isConstant() && (isOnly(Kind.SCALAR) || isOnly(Kind.PACKET)) || may(Kind.NULL) && mayBePointer();
    }

    Value withoutNull() {
        return new Value(kinds & ~Kind.NULL.bit(), maps, frames, range, id, delta);
    }

    /** The low half of its number, zero-extended. */
    Value truncated() {
        if (!isOnly(Kind.SCALAR)) {
            return unsigned(32);
        }
        Range half = range.truncate();
        return half.equals(range) ? this : scalar(half);
    }

    /** A number where it can be a packet pointer. */
    Value withoutPacket() {
        return without(Kind.PACKET.bit() | Kind.PACKET_END.bit() | Kind.PACKET_SLICE.bit());
    }

    /** A record that may have been given back: each access to it is checked. */
    Value withUncertainRecord() {
        return may(Kind.RECORD) ? new Value(kinds, maps, depths(), range, id, delta) : this;
    }

    private Value without(int gone) {
        if ((kinds & gone) == 0) {
            return this;
        }
        Value rest = new Value(kinds & ~gone, maps, depths(), Range.ANY);
        return rest.kinds == 0 ? ANY_SCALAR : rest.join(ANY_SCALAR);
    }

    /** A pointer of one of its kinds, of which nothing is known but the maps it can belong to. */
    public Value anywhereIn(Kind kind) {
        return new Value(kind.bit(), maps, 0, Range.ANY);
    }

    /** What is left when it is taken for a dynptr. */
    Value asDynptr() {
        return new Value(kinds & DYNPTRS, mayBeDynptr() ? maps : 0, 0, AT_BASE, id, 0);
    }

    /** Covers both, which are dynptrs or unwritten. */
    Value joinDynptrs(Value other) {
        if (isUnwritten()) {
            return other;
        }
        return new Value(kinds | other.kinds, maps | other.maps, 0, AT_BASE);
    }

    /** The same things, nothing known of where. */
    Value withoutBounds() {
        return at(Range.ANY);
    }

    /** Its numbers, without what made them pointers. */
    Value asScalar() {
        return isOnly(Kind.SCALAR) ? this : ANY_SCALAR;
    }

    /** Covers both; the id is lost. */
    Value join(Value other) {
        if (kinds == other.kinds && maps == other.maps && frames == other.frames && range.equals(other.range)) {
            return withoutId();
        }
        if (isUnwritten() || other.isUnwritten()) {
            // The kernel refuses to read it on one of the paths; here the read gives whatever number the register held before.
            return (isUnwritten() ? other : this).join(ANY_SCALAR);
        }
        int joined = kinds | other.kinds;
        Value pointer = onePointerBesideNull(this, other);
        if (pointer != null) {
            return new Value(pointer.kinds | Kind.NULL.bit(), pointer.maps, pointer.frames, pointer.range);
        }
        if (withoutNull().kinds == other.withoutNull().kinds) {
            return new Value(joined, maps | other.maps, joinFrames(other), range.join(other.range));
        }
        int numbers = (joined & Kind.NULL.bit()) != 0 ? Kind.SCALAR.bit() : 0;
        return new Value(joined & ~Kind.NULL.bit() | numbers, maps | other.maps, joinFrames(other), Range.ANY);
    }

    /** The call depths of both; for what has a size, alone, the smaller one, and beside anything else none; the element only where it is the same. */
    private int joinFrames(Value other) {
        int both = withoutNull().kinds | other.withoutNull().kinds;
        if (both == Kind.MAP_VALUE.bit()) {
            return maps == other.maps && frames == other.frames ? frames : 0;
        }
        boolean sized = (both & SIZED) != 0 && Integer.bitCount(both) == 1;
        return sized ? Math.min(frames, other.frames) : depths() | other.depths();
    }

    private int depths() {
        return may(Kind.STACK) ? frames : 0;
    }

    private static Value onePointerBesideNull(Value a, Value b) {
        if (a.isConstant() && a.min() == 0 && b.isOnePointer()) {
            return b;
        }
        return b.isConstant() && b.min() == 0 && a.isOnePointer() ? a : null;
    }

    private boolean isOnePointer() {
        int pointers = kinds & ~Kind.NULL.bit();
        return (pointers & POINTERS) == pointers && Integer.bitCount(pointers) == 1;
    }

    public Set<Kind> kindSet() {
        EnumSet<Kind> set = EnumSet.noneOf(Kind.class);
        for (Kind kind : Kind.values()) {
            if (may(kind)) {
                set.add(kind);
            }
        }
        return set;
    }

    @Override
    public String toString() {
        String bounds = range.isConstant() ? Long.toString(min()) : min() == Long.MIN_VALUE && max() == Long.MAX_VALUE ? "any" : min() + ".." + max();
        return isUnwritten() ? "unwritten" : kindSet() + "(" + bounds + ")";
    }
}
