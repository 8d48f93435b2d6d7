package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.List;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.RingMap;
import org.trufflebpf.maps.UserRingMap;

/** The ring buffers that a record can belong to. */
final class Rings {
    @CompilationFinal(dimensions = 1) private final RingMap[] known;
    /** Whether it can belong to an inner map too. */
    private final boolean inner;

    @CompilationFinal(dimensions = 1) private final UserRingMap[] user;

    /** @param user those whose samples it can be */
    Rings(List<RingMap> known, List<UserRingMap> user, boolean inner) {
        this.known = known.toArray(RingMap[]::new);
        this.user = user.toArray(UserRingMap[]::new);
        this.inner = inner;
    }

    /** Whether {@code size} bytes at an address lie in one record that the program holds. */
    @ExplodeLoop
    boolean own(Worker worker, long address, long size) {
        for (RingMap ring : known) {
            if (ring.ownsLive(address, size, worker.cpu())) {
                return true;
            }
        }
        for (UserRingMap ring : user) {
            if (ring.ownsLive(address, size)) {
                return true;
            }
        }
        return inner && worker.innerRings().own(address, size);
    }

    /** Bytes of the sample at an address that a callback has, or -1. */
    @ExplodeLoop
    long sampleLength(long address) {
        for (UserRingMap ring : user) {
            if (ring.isDraining(address)) {
                return ring.sampleSize(address);
            }
        }
        return -1;
    }

    /**
     * bpf_ringbuf_submit or bpf_ringbuf_discard.
     *
     * @return false when it is no record that the program holds; nothing has happened then
     */
    @ExplodeLoop
    boolean giveBack(Worker worker, boolean submits, long record, long flags) {
        for (RingMap ring : known) {
            if (submits ? ring.submit(record, flags, worker.cpu()) : ring.discard(record, flags, worker.cpu())) {
                return true;
            }
        }
        return inner && worker.innerRings().giveBack(submits, record, flags);
    }

    /** For the end of the program: what it has kept is nobody's any more. */
    @ExplodeLoop
    void discardLive(Worker worker) {
        for (RingMap ring : known) {
            ring.discardLive(worker.cpu());
        }
        if (inner) {
            worker.innerRings().discardLive();
        }
    }
}
