package org.trufflebpf.bench;

import java.util.List;
import org.trufflebpf.io.burst.Verdict;

/** One way to run a program over packets. The thread that made it is the only one to use it. */
interface Contestant extends AutoCloseable {
    /**
     * Runs the program.
     *
     * @param packets how many packets it should be, at least 1; it may be some more
     * @return nanoseconds per packet
     */
    double run(long packets);

    /** How many packets a window may have. */
    default long most() {
        return Long.MAX_VALUE;
    }

    /** After how many windows it is as fast as it gets: compilers, caches and branch predictors are warm. */
    default int warmUpWindows() {
        return 10;
    }

    /** Runs the program on each fresh packet, to see that all contestants do the same. */
    List<Outcome> judge();

    @Override
    void close();

    /**
     * What a program made of a packet.
     *
     * @param packet the bytes afterwards, as hexadecimal digits
     */
    record Outcome(Verdict verdict, String packet) {
    }
}
