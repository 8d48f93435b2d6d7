package org.trufflebpf.maps;

/**
 * BPF_MAP_TYPE_CPUMAP: CPUs to redirect to, by their number. A value is struct bpf_cpumap_val: u32 queue size and, in 8-byte values, u32 program
 * (by its number, where the kernel takes a descriptor; 0 when there is none).
 */
public final class CpuMap extends SlotMap {
    /** Frames that a queue may hold at most; cpu_map_update_elem has the same bound. */
    private static final int MAX_QUEUE = 16384;

    CpuMap(Blueprint blueprint) {
        super(blueprint, false);
    }

    /**
     * How many frames may wait for that CPU, 1 to 16384, in the low half, and in the high half the program that they run through there, or 0. 0 when
     * nothing can be redirected there.
     */
    public long target(int cpu) {
        return word(cpu);
    }

    /** As cpu_map_update_elem: queue size 0 empties the slot. */
    @Override
    long write(byte[] key, byte[] value, long updateFlags) {
        int cpu = ArrayIndex.of(key);
        long error = ArrayIndex.updateError(inRange(cpu), updateFlags);
        if (error != 0) {
            return error;
        }
        int queue = ArrayIndex.of(value, 0);
        if (Integer.compareUnsigned(queue, MAX_QUEUE) > 0) {
            return -Errno.EOVERFLOW;
        }
        if (cpu >= cpus()) {
            return -Errno.ENODEV;
        }
        int program = valueSize() == 8 ? Math.max(0, ArrayIndex.of(value, 4)) : 0;
        if (queue != 0 && program != 0 && !references.isAttachable(program, MapKind.CPUMAP)) {
            return -Errno.ENOMEM;
        }
        setWord(cpu, queue == 0 ? 0 : (long) program << 32 | queue);
        return 0;
    }

    @Override
    long erase(byte[] key) {
        return eraseTarget(key);
    }
}
