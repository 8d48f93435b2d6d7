package org.trufflebpf.maps;

/**
 * What maps name and only their owner knows: programs, other maps and sockets by number, types by name. Numbers are positive and never name
 * something else later; 0 is an empty slot. Calls come from the control plane, on any thread, and must not call the map back.
 */
public interface References {
    /** For maps that refer to nothing. */
    References NONE = new References() {
    };

    /** The name of a program, or null when the number is no program's. */
    default String programName(@SuppressWarnings("unused") int id) {
        return null;
    }

    /** Whether a program is made to be named by entries of device maps or CPU maps: the kernel's expected_attach_type. */
    default boolean isAttachable(int id, @SuppressWarnings("unused") MapKind kind) {
        return programName(id) != null;
    }

    /**
     * The number of the program that an interop value stands for: the program itself, or its name.
     *
     * @return 0 when there is none
     */
    default int program(@SuppressWarnings("unused") Object value) {
        return 0;
    }

    /** A map, or null when the number is no map's. It stays open for as long as the maps that refer to it. */
    default BpfMap map(@SuppressWarnings("unused") int id) {
        return null;
    }

    /** The map of that name, or null. */
    default BpfMap map(@SuppressWarnings("unused") String name) {
        return null;
    }

    /** The codec of a type by its name in the C source, such as {@code struct event} or {@code event}; null when there is none. */
    default Codec type(@SuppressWarnings("unused") String name) {
        return null;
    }

    /**
     * The struct bpf_timer at {@code address} goes with its element, or the element gets another value. Called by any thread, of programs too, under
     * locks of the map: it must be short.
     */
    default void timerGone(@SuppressWarnings("unused") long address) {
        // No timers.
    }

    /** The receive queue of a socket, or -1 when the number is no socket's. */
    default int socketQueue(@SuppressWarnings("unused") int id) {
        return -1;
    }
}
