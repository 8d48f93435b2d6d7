package org.trufflebpf.io.linux;

import org.trufflebpf.io.libc.Libc;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;

/** Which processors a thread runs on. */
public final class Affinity {
    /** Bytes of a cpu_set_t: 1024 processors. */
    private static final int SET = 128;

    private Affinity() {
    }

    /**
     * Keeps the calling thread on one processor: that of {@code number} among those that it may use. Does nothing where there are fewer than
     * {@code threads}, or the system does not allow it.
     *
     * @param number from 0 to {@code threads - 1}
     * @return whether it was done
     */
    public static boolean pin(int number, int threads) {
        if (!Libc.available()) {
            return false;
        }
        try (NativeBlock set = new NativeBlock(SET)) {
            if (Libc.schedGetAffinity(SET, set.address()) <= 0) {
                return false;
            }
            int found = 0;
            int chosen = -1;
            for (int cpu = 0; cpu < SET * Byte.SIZE; cpu++) {
                if ((Memory.getByte(set.address() + cpu / Byte.SIZE) >> cpu % Byte.SIZE & 1) != 0) {
                    chosen = found == number ? cpu : chosen;
                    found++;
                }
            }
            if (found < threads) {
                return false;
            }
            Memory.fill(set.address(), SET, (byte) 0);
            Memory.putByte(set.address() + chosen / Byte.SIZE, (byte) (1 << chosen % Byte.SIZE));
            return Libc.schedSetAffinity(SET, set.address()) == 0;
        }
    }
}
