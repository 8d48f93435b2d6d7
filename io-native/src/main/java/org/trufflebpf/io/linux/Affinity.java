package org.trufflebpf.io.linux;

import java.util.BitSet;
import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Which processors a thread runs on. */
public final class Affinity {
    /** Stands for the calling thread. */
    public static final int SELF = 0;
    /** Bytes of a cpu_set_t: 1024 processors. */
    private static final int SIZE = 128;

    private Affinity() {
    }

    /**
     * The processors that a thread may use; none where the system does not tell.
     *
     * @param thread its number in /proc/self/task, or {@link #SELF}
     */
    public static BitSet of(int thread) {
        if (!Libc.available()) {
            return new BitSet();
        }
        try (NativeBlock set = new NativeBlock(SIZE)) {
            return Libc.schedGetAffinity(thread, SIZE, set.address()) <= 0 ? new BitSet() : BitSet.valueOf(Memory.bytes(set.address(), SIZE));
        }
    }

    /**
     * Has a thread run on these processors only, of which there is one at least.
     *
     * @return whether the system did it
     */
    public static boolean set(int thread, BitSet processors) {
        if (!Libc.available()) {
            return false;
        }
        try (NativeBlock set = new NativeBlock(SIZE)) {
            byte[] bytes = processors.toByteArray();
            Memory.copyFrom(bytes, 0, set.address(), bytes.length);
            return Libc.schedSetAffinity(thread, SIZE, set.address()) == 0;
        }
    }
}
