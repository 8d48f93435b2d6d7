package org.trufflebpf.language.packettest;

import java.util.List;
import org.trufflebpf.io.burst.Verdict;
import org.trufflebpf.language.object.MapSpec;

/** Something that runs XDP programs, one packet at a time: the interpreter, compiled code, the kernel. */
public interface TestEngine {
    /** For reports: {@code interpreter}, {@code compiled}, {@code kernel}. */
    String name();

    /**
     * Makes a program ready, with fresh maps and the engine's fixed clock and seed.
     *
     * @param object the bytes of an object file
     * @param objectName what messages call it
     * @param program the program's name; null for the only one
     * @throws FailedException if the object is malformed, the program rejected or the name not in it
     */
    Session load(byte[] object, String objectName, String program) throws FailedException;

    /** Makes the engine that the user asks for. */
    @FunctionalInterface
    interface Factory {
        /** @param compile whether programs are compiled before their first packet */
        TestEngine open(boolean compile);
    }

    /** A loaded program with its maps; one thread uses it. Keys and values have the sizes of {@link MapSpec}, least significant byte first. */
    interface Session extends AutoCloseable {
        /**
         * Runs the program on one packet, on CPU 0.
         *
         * @throws UnsupportedException if the engine cannot take such a packet
         * @throws FailedException if the engine broke; what a program does to a packet never throws
         */
        Result run(Input input) throws FailedException;

        /** The map of that name, or null. */
        MapSpec map(String name);

        /** Writes an entry; of a per-CPU map that of every CPU, or that of CPU 0 and zeros for all others. */
        void write(String map, byte[] key, byte[] value, boolean everyCpu) throws FailedException;

        /** The entry's value, one per CPU for a per-CPU map; empty if there is no such entry. */
        List<byte[]> read(String map, byte[] key) throws FailedException;

        /** Whether there was such an entry. */
        boolean delete(String map, byte[] key) throws FailedException;

        /**
         * Takes the oldest record out of a ring buffer: its bytes, or null when there is none.
         *
         * @throws FailedException if the map is no ring buffer
         */
        byte[] takeRecord(String map) throws FailedException;

        /** How many entries the map has; an array has all of its own. */
        long entries(String map) throws FailedException;

        @Override
        void close();
    }

    /**
     * A packet before the run.
     *
     * @param packet from the Ethernet header on
     * @param metadata right in front of it, a multiple of four bytes, maybe none
     */
    record Input(byte[] packet, byte[] metadata) {
    }

    /**
     * A packet after the run.
     *
     * @param returned what the program returned, all 32 bits
     * @param packet its bytes, from data to data_end
     * @param metadata its bytes, from data_meta to data
     * @param trap why the program was stopped; null if it was not
     */
    record Result(int returned, byte[] packet, byte[] metadata, String trap) {
        public Verdict verdict() {
            return trap == null ? Verdict.of(returned) : Verdict.ABORTED;
        }
    }

    /** The engine cannot do what it was asked to. The message is one line. */
    class FailedException extends Exception {
        private static final long serialVersionUID = 1;

        public FailedException(String message) {
            super(message);
        }

        public FailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** This engine never takes such a packet, though another one may: the test is skipped on it. */
    final class UnsupportedException extends FailedException {
        private static final long serialVersionUID = 1;

        public UnsupportedException(String message) {
            super(message);
        }
    }
}
