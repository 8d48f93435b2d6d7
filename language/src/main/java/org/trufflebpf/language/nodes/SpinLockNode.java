package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.runtime.Worker;

/** bpf_spin_lock and bpf_spin_unlock. What the kernel's verifier makes sure of, one lock at a time and freed before the end, is checked here. */
final class SpinLockNode extends ExpressionNode {
    /** Tries before giving up, some milliseconds: a holder frees its lock within one packet, unless a program wrote over the lock. */
    private static final int MAX_TRIES = 1 << 20;

    private final boolean locks;
    @Child private ExpressionNode address;
    private final TrapSite trap;

    SpinLockNode(boolean locks, ExpressionNode address, TrapSite trap) {
        this.locks = locks;
        this.address = address;
        this.trap = trap;
    }

    @Override
    public long execute(VirtualFrame frame) {
        Worker worker = (Worker) frame.getArguments()[0];
        long lock = address.execute(frame);
        if (locks) {
            if (worker.heldLock() != 0 || (lock & 3) != 0 || !acquire(lock)) {
                throw trap.trap(frame);
            }
            worker.holdLock(lock);
        } else {
            if (worker.heldLock() != lock) {
                throw trap.trap(frame);
            }
            worker.releaseLock();
        }
        return 0;
    }

    private static boolean acquire(long lock) {
        for (int i = 0; i < MAX_TRIES; i++) {
            if (Memory.compareAndSetInt(lock, 0, 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }
}
