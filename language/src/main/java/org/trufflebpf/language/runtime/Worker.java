package org.trufflebpf.language.runtime;

import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.nodes.StackMemory;

/**
 * What one thread that runs programs owns; the argument of a program's call target. It travels there instead of lying in a thread-local because a
 * ContextThreadLocal costs 4.7 ns per access (measured). Only its thread uses it.
 */
public final class Worker implements AutoCloseable {
    private final NativeBlock stack;
    private final long stackAddress;
    private final int cpu;
    private final Object[] arguments = {this};
    private Burst burst;
    private long burstAddress;
    private long random;
    private long traps;

    /**
     * @param cpu its number, the index into per-CPU maps
     * @param seed of bpf_get_prandom_u32
     */
    public Worker(int cpu, long seed) {
        this(cpu, seed, new NativeBlock(StackMemory.BYTES), 0);
    }

    /**
     * With a stack inside memory that the caller chose, as tests do that watch what lies around it.
     *
     * @param memory the worker closes it
     * @param offset of the stack in it, a multiple of 8; {@link StackMemory#BYTES} bytes must follow
     */
    public Worker(int cpu, long seed, NativeBlock memory, long offset) {
        this.cpu = cpu;
        this.stack = memory;
        this.stackAddress = memory.address() + offset;
        // The golden ratio keeps the generator away from its one fixed point, zero, and the workers' sequences apart.
        this.random = (seed + 1) * 0x9E37_79B9_7F4A_7C15L + cpu | 1;
    }

    /** The arguments of a call of a program for {@code newBurst}; the same array each time, so that a call allocates nothing. */
    public Object[] argumentsFor(Burst newBurst) {
        burst = newBurst;
        burstAddress = newBurst.address();
        return arguments;
    }

    public Burst burst() {
        return burst;
    }

    public long burstAddress() {
        return burstAddress;
    }

    /** {@link StackMemory#BYTES} bytes. */
    public long stackAddress() {
        return stackAddress;
    }

    public int cpu() {
        return cpu;
    }

    /** xorshift64* (Vigna 2016), its high half. */
    public int nextRandom() {
        long x = random;
        x ^= x >>> 12;
        x ^= x << 25;
        x ^= x >>> 27;
        random = x;
        return (int) (x * 0x2545_F491_4F6C_DD1DL >>> 32);
    }

    /** Packets whose run ended in a trap. Other threads may read it; they see it grow, if late. */
    public long traps() {
        return traps;
    }

    public void countTrap() {
        traps++;
    }

    @Override
    public void close() {
        stack.close();
    }
}
