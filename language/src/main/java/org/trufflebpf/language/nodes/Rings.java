package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import java.util.List;
import org.trufflebpf.language.runtime.Worker;
import org.trufflebpf.maps.RingMap;
import org.trufflebpf.maps.UserRingMap;

/**
 * The ring buffers that a record can belong to.
 *
 * <p>What a program holds must be known whatever it computes: it may use these bytes and no others, and what it leaves is discarded. The first record
 * that it holds is kept in frame slots, where the compiler mostly sees that the record which is given back is the one that was reserved; further ones
 * are in the table of {@link RingMap}.
 */
final class Rings {
    @CompilationFinal(dimensions = 1) private final RingMap[] known;
    @CompilationFinal(dimensions = 1) private final long[] handles;
    /** Whether records of theirs can be in the maps' tables. */
    private final boolean tables;
    /** Whether it can belong to an inner map too. */
    private final boolean inner;

    @CompilationFinal(dimensions = 1) private final UserRingMap[] user;

    /**
     * @param tables whether the program can hold several records
     * @param user those whose samples it can be
     */
    Rings(List<RingMap> known, boolean tables, List<UserRingMap> user, boolean inner) {
        this.known = known.toArray(RingMap[]::new);
        this.handles = known.stream().mapToLong(MapHandle::of).toArray();
        this.user = user.toArray(UserRingMap[]::new);
        this.tables = tables;
        this.inner = inner;
    }

    /**
     * The record in the frame slots.
     *
     * @param ring handle of its map
     * @param address 0 for none
     * @param size in bytes
     */
    record Held(long ring, long address, long size) {
        static Held of(VirtualFrame frame) {
            return new Held(frame.getLongStatic(FrameLayout.RECORD_RING), frame.getLongStatic(FrameLayout.RECORD), frame.getLongStatic(FrameLayout.RECORD_SIZE));
        }

        private boolean contains(long handle, long start, long length) {
            return ring == handle && address != 0 && length >= 0 && length <= size && Long.compareUnsigned(start - address, size - length) <= 0;
        }
    }

    /** bpf_ringbuf_reserve in a ring that the program names: the record's address, or 0. */
    static long reserve(VirtualFrame frame, RingMap ring, long size, long flags) {
        Worker worker = (Worker) frame.getArguments()[0];
        if (frame.getLongStatic(FrameLayout.RECORD) != 0) {
            return ring.reserve(size, flags, worker.cpu());
        }
        long record = ring.hold(size, flags, worker.thread());
        if (record == 0) {
            return 0;
        }
        frame.setLongStatic(FrameLayout.RECORD, record);
        frame.setLongStatic(FrameLayout.RECORD_SIZE, size);
        frame.setLongStatic(FrameLayout.RECORD_RING, MapHandle.of(ring));
        return record;
    }

    /** The frame holds none. */
    void forget(VirtualFrame frame) {
        if (known.length > 0) {
            frame.setLongStatic(FrameLayout.RECORD, 0);
            frame.setLongStatic(FrameLayout.RECORD_SIZE, 0);
            frame.setLongStatic(FrameLayout.RECORD_RING, 0);
        }
    }

    /** Whether {@code size} bytes at an address lie in one record that the program holds. */
    @ExplodeLoop
    boolean own(Held held, Worker worker, long address, long size) {
        for (int i = 0; i < known.length; i++) {
            if (held.contains(handles[i], address, size) || tables && known[i].ownsLive(address, size, worker.cpu())) {
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
    boolean giveBack(VirtualFrame frame, boolean submits, long record, long flags) {
        Worker worker = (Worker) frame.getArguments()[0];
        for (int i = 0; i < known.length; i++) {
            if (record != 0 && frame.getLongStatic(FrameLayout.RECORD) == record && frame.getLongStatic(FrameLayout.RECORD_RING) == handles[i]) {
                known[i].release(record, frame.getLongStatic(FrameLayout.RECORD_SIZE), flags, submits);
                forget(frame);
                return true;
            }
            if (tables && (submits ? known[i].submit(record, flags, worker.cpu()) : known[i].discard(record, flags, worker.cpu()))) {
                return true;
            }
        }
        return inner && worker.innerRings().giveBack(submits, record, flags);
    }

    /** For the end of the program: what it has kept is nobody's any more. */
    @ExplodeLoop
    void discardLive(VirtualFrame frame, Worker worker) {
        for (int i = 0; tables && i < known.length; i++) {
            known[i].discardLive(worker.cpu());
        }
        if (known.length > 0 && frame.getLongStatic(FrameLayout.RECORD) != 0) {
            discard(Held.of(frame));
        }
        if (inner) {
            worker.innerRings().discardLive();
        }
    }

    @TruffleBoundary
    private void discard(Held held) {
        for (int i = 0; i < known.length; i++) {
            if (held.ring == handles[i]) {
                known[i].release(held.address, held.size, 0, false);
            }
        }
    }
}
