package org.trufflebpf.language.verifier;

import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.Value.Kind;

/** How messages say what a value is and where an access goes. */
final class Wording {
    private Wording() {
    }

    static String bytes(long count) {
        return count == 1 ? "1 byte" : count + " bytes";
    }

    static String bytes(long min, long max) {
        return min == max ? bytes(min) : min + " to " + bytes(max);
    }

    /** The bounds of {@code base + offset}. */
    static String range(String format, Value base, long offset) {
        String min = base.min() == Long.MIN_VALUE ? "anything" : format.formatted(base.min() + offset);
        String max = base.max() == Long.MAX_VALUE ? "anything" : format.formatted(base.max() + offset);
        return base.min() == base.max() ? min : min + " to " + max;
    }

    /** Where {@code base + offset} is, for a pointer of one kind; else what it is. */
    static String place(MapTable maps, Value base, long offset) {
        Kind kind = base.kindSet().size() == 1 ? base.kindSet().iterator().next() : null;
        return switch (kind) {
            case STACK -> "at " + (base.hasOneFrame() ? Registers.name(Registers.framePointer(base.depth())) : "a frame pointer") +
                            range("%+d", base, offset);
            case PACKET -> "at offset " + range("%d", base, offset) + " of the packet";
            case CONTEXT -> "at offset " + range("%d", base, offset) + " of the context";
            case MAP_VALUE -> "at offset " + range("%d", base, offset) + " of a value of map '" + maps.nameOf(base.map()) + "'";
            case MAP_KEY -> "at offset " + range("%d", base, offset) + " of a key of map '" + maps.nameOf(base.map()) + "'";
            case RECORD -> "at offset " + range("%d", base, offset) + " of a record of map '" + maps.nameOf(base.map()) + "'";
            case PACKET_SLICE -> "at offset " + range("%d", base, offset) + " of a slice of the packet";
            case null, default -> "through " + nature(base);
        };
    }

    static String nature(Value value) {
        if (value.isUnwritten()) {
            return "what was never written";
        }
        if (value.isConstant()) {
            return "the number " + value.min();
        }
        if (value.kindSet().size() == 2 && value.may(Kind.NULL)) {
            return nature(value.withoutNull()) + " or null";
        }
        if (value.kindSet().size() > 1) {
            return "one of " + value.kindSet();
        }
        return switch (value.kindSet().iterator().next()) {
            case SCALAR -> "a number";
            case NULL -> "the number 0";
            case CONTEXT -> "the context";
            case PACKET -> "a packet pointer";
            case PACKET_END -> "the end of the packet";
            case STACK -> "a stack pointer";
            case MAP -> "a map";
            case MAP_VALUE -> "a map value";
            case MAP_KEY -> "a map key";
            case RECORD -> "a record of a ring buffer";
            case PACKET_SLICE -> "a slice of the packet";
            case SAMPLE_DYNPTR, PACKET_DYNPTR, VALUE_DYNPTR, RECORD_DYNPTR -> "a dynptr";
        };
    }
}
