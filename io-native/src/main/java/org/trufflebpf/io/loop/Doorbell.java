package org.trufflebpf.io.loop;

import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/**
 * Wakes a thread that sleeps in poll(2), by an eventfd(2). It is opened when its owner first sleeps. Whoever has something for the owner makes that
 * visible by a volatile write and rings; the owner, before it sleeps, {@linkplain #listen listens} and then looks whether there is something, so one
 * of the two sees the other.
 */
public final class Doorbell implements AutoCloseable {
    private static final int EFD_NONBLOCK_CLOEXEC = 0x800 | 0x80000;

    private volatile boolean listening;
    private volatile boolean rung;
    /** Where there is none nobody is woken. */
    private int descriptor = -1;
    /** The eight bytes that are written and read. */
    private NativeBlock number;
    private boolean closed;

    /** What poll(2) finds readable when it rang; -1 where there are no such descriptors. For the owner. */
    synchronized int descriptor() {
        if (descriptor < 0 && !closed && Libc.available()) {
            descriptor = Math.max(-1, Libc.eventfd(0, EFD_NONBLOCK_CLOEXEC));
            number = new NativeBlock(2 * Long.BYTES);
            Memory.putLong(number.address(), 1);
        }
        return descriptor;
    }

    /** The owner is about to sleep: from now on it is woken. */
    void listen() {
        listening = true;
    }

    /** The owner is awake. */
    void answer() {
        listening = false;
        if (rung) {
            silence();
        }
    }

    private synchronized void silence() {
        rung = false;
        if (descriptor >= 0) {
            Libc.read(descriptor, number.address() + Long.BYTES, Long.BYTES);
        }
    }

    /** Wakes the owner if it sleeps; costs a volatile read otherwise. Any thread may call, at any time. */
    public void ring() {
        if (listening) {
            write();
        }
    }

    private synchronized void write() {
        if (descriptor >= 0) {
            rung = true;
            Libc.write(descriptor, number.address(), Long.BYTES);
        }
    }

    /** Nobody sleeps any more. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (number != null) {
                number.close();
                Libc.close(descriptor);
                descriptor = -1;
            }
        }
    }
}
