package org.trufflebpf.language.packettest;

/** What a test does; the steps of a test share the program's maps. */
public sealed interface Step {
    /** Where the test file says so. */
    Position position();

    /**
     * The program gets a packet.
     *
     * @param metadata bytes in front of the packet, a multiple of four, maybe none; callers must not change the array
     * @param expectation null if anything may come of it
     */
    record Send(Position position, PacketTemplate packet, byte[] metadata, Expectation expectation) implements Step {
    }

    /** A map gets an entry. @param everyCpu whether in a per-CPU map each CPU gets the value; otherwise CPU 0 does, and the others zeros */
    record SetEntry(Position position, String map, MapValue key, MapValue value, boolean everyCpu) implements Step {
    }

    /** A map loses an entry. */
    record DeleteEntry(Position position, String map, MapValue key) implements Step {
    }

    /** A map must have this entry; in a per-CPU map the sum over all CPUs counts. */
    record ExpectEntry(Position position, String map, MapValue key, MapValue value) implements Step {
    }

    /** A map must not have an entry with this key. */
    record ExpectNoEntry(Position position, String map, MapValue key) implements Step {
    }

    /** The oldest record that is left in a ring buffer must be this one; it is taken out. */
    record ExpectRecord(Position position, String map, MapValue record) implements Step {
    }

    /** A ring buffer must have no record left. */
    record ExpectNoRecord(Position position, String map) implements Step {
    }

    /** A map must have this many entries. */
    record ExpectEntries(Position position, String map, int count) implements Step {
    }
}
