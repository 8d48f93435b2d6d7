package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory that a helper call reads or writes through one of its arguments.
 *
 * @param register the argument, r1 to r5
 * @param minSize bytes at least
 * @param maxSize bytes at most
 * @param written whether the helper writes it; else it reads it
 */
public record MemoryArgument(int register, long minSize, long maxSize, boolean written) {

    /** Of a struct bpf_timer. */
    static final int TIMER_BYTES = 16;
    /** Of a struct bpf_spin_lock. */
    static final int LOCK_BYTES = 4;

    /** Of a call in {@code state}; a map argument that is no map gives memory of size 0. */
    public static List<MemoryArgument> of(Prototype helper, State state, MapTable maps) {
        List<MemoryArgument> result = new ArrayList<>();
        long map = 0;
        for (int i = 0; i < helper.arguments().size(); i++) {
            int register = i + 1;
            switch (helper.arguments().get(i)) {
                case MAP -> map = state.register(register).maps();
                case MAP_KEY -> result.add(fixed(register, maps.largestKey(map), false));
                case MAP_VALUE_IN -> result.add(fixed(register, maps.largestValue(map), false));
                case MAP_VALUE_OUT -> {
                    // bpf_map_peek_elem gives an element, but asks a bloom filter for one.
                    long filters = maps.bloomFilters(map);
                    if (map != filters || map == 0) {
                        result.add(fixed(register, maps.largestValue(map), true));
                    }
                    if (filters != 0) {
                        result.add(fixed(register, maps.largestValue(filters), false));
                    }
                }
                case WORD_OUT -> result.add(fixed(register, Integer.BYTES, true));
                case HALF_OUT -> result.add(fixed(register, Short.BYTES, true));
                case LONG_OUT -> result.add(fixed(register, Long.BYTES, true));
                case IPV4_HEADER, TCP_HEADER -> result.add(fixed(register, 20, false));
                case IPV6_HEADER -> result.add(fixed(register, 40, false));
                case INT_IN_OUT -> result.add(fixed(register, Integer.BYTES, true));
                case LOCK -> result.add(fixed(register, LOCK_BYTES, true));
                case TIMER -> result.add(fixed(register, TIMER_BYTES, true));
                case TEXT -> result.add(fixed(register, textSize(state.register(register), maps), false));
                case MEMORY_IN -> result.add(sized(register, state, false));
                case MEMORY_OUT, VALUE_MEMORY -> result.add(sized(register, state, true));
                default -> {
                }
            }
        }
        return result;
    }

    private static MemoryArgument fixed(int register, long size, boolean written) {
        return new MemoryArgument(register, size, size, written);
    }

    /** Up to the end of the value; at least 1, as there is a zero byte at the end. */
    private static long textSize(Value text, MapTable maps) {
        return text.isAt(Value.Kind.MAP_VALUE) ? Math.max(1, maps.smallestValue(text.maps()) - text.min()) : 1;
    }

    /** The size is the next argument's, a 32-bit number. */
    private static MemoryArgument sized(int register, State state, boolean written) {
        Value size = state.register(register + 1).asScalar().truncated();
        return new MemoryArgument(register, size.min(), size.max(), written);
    }

    public boolean hasFixedSize() {
        return minSize == maxSize;
    }
}
