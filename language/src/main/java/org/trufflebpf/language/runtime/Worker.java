package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import java.util.ArrayDeque;
import org.trufflebpf.io.burst.Burst;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.nodes.StackMemory;
import org.trufflebpf.language.nodes.TrapListener;
import org.trufflebpf.maps.UserRingMap;

/**
 * What one thread that runs programs owns; the argument of a program's call target. It travels there instead of lying in a thread-local because a
 * ContextThreadLocal costs 4.7 ns per access (measured). Only its thread uses it.
 */
public final class Worker implements AutoCloseable {
    /** MAX_TAIL_CALL_CNT in the kernel. */
    private static final int MAX_TAIL_CALLS = 33;

    private final NativeBlock stack;
    private final long stackAddress;
    private final int cpu;
    private final InnerRings innerRings;
    private final Object[] arguments = {this};
    private Burst burst;
    private long burstAddress;
    private long firstDescriptor;
    private int count;
    private long thread;
    /** Tail calls that the packet at hand has taken. */
    private int tailCalls;
    private int tailCallTarget;
    /** The address of the spin lock that the program holds, or 0. */
    private long heldLock;
    /** User ring buffers that the program is draining, in the order in which it began. */
    private final ArrayDeque<UserRingMap> drains = new ArrayDeque<>(Registers.MAX_DEPTH);
    private int timerMap;
    private long timerKey;
    private long timerValue;
    private TimerQueue.Timer runningTimer;
    private long random;
    private long traps;
    /** Null for nobody. */
    private TrapListener listener;

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
        this.innerRings = new InnerRings(cpu);
        this.stack = memory;
        this.stackAddress = memory.address() + offset;
        // The golden ratio and another odd number keep seeds and workers apart, the last bit keeps the generator away from its one fixed point, zero.
        this.random = (seed + 1) * 0x9E37_79B9_7F4A_7C15L + cpu * 0xBF58_476D_1CE4_E5B9L | 1;
    }

    /** The arguments of a call of a program for {@code newBurst}; the same array each time, so that a call allocates nothing. */
    public Object[] argumentsFor(Burst newBurst) {
        burst = newBurst;
        burstAddress = newBurst.address();
        firstDescriptor = burstAddress + Burst.HEADER_SIZE;
        count = newBurst.count();
        thread = Thread.currentThread().threadId();
        return arguments;
    }

    /** Where the descriptors of the packets to process begin: the whole burst's, or in a tail call the one packet's. */
    public long firstDescriptor() {
        return firstDescriptor;
    }

    /** The arguments of a call for one packet of {@code newBurst}. */
    public Object[] argumentsFor(Burst newBurst, int packet) {
        argumentsFor(newBurst);
        return argumentsFor(newBurst.descriptor(packet));
    }

    /** The function that is called next is a timer's; null ends that. */
    void beginTimer(TimerQueue.Timer timer, int map, long key, long value) {
        runningTimer = timer;
        timerMap = map;
        timerKey = key;
        timerValue = value;
    }

    TimerQueue.Timer runningTimer() {
        return runningTimer;
    }

    /** The number of the map whose timer calls. */
    public int timerMap() {
        return timerMap;
    }

    /** The address of the key of its element. */
    public long timerKey() {
        return timerKey;
    }

    /** The address of the value of its element. */
    public long timerValue() {
        return timerValue;
    }

    /** The {@link Thread#threadId} of who called last: maps ask for it with every packet, and here it is one load. */
    public long thread() {
        return thread;
    }

    /** How many packets are to be processed. */
    public int count() {
        return count;
    }

    /** Whether this call goes on with a packet that another program began. */
    public boolean isInTailCall() {
        return tailCalls > 0;
    }

    /**
     * Asks for a tail call of the packet at hand.
     *
     * @param program its number in the instance
     * @return false when the packet has taken all that it may
     */
    public boolean requestTailCall(int program) {
        if (tailCalls >= MAX_TAIL_CALLS) {
            return false;
        }
        tailCalls++;
        tailCallTarget = program;
        return true;
    }

    /** The program that {@link #requestTailCall} asked for. */
    public int tailCallTarget() {
        return tailCallTarget;
    }

    /** The arguments of a call that goes on with one packet; {@link #endTailCalls} must follow once that has ended. */
    public Object[] argumentsFor(long descriptor) {
        firstDescriptor = descriptor;
        count = 1;
        return arguments;
    }

    /** What the program holds; 0 for nothing. */
    public long heldLock() {
        return heldLock;
    }

    /** @param address 0 for nothing */
    public void holdLock(long address) {
        heldLock = address;
    }

    /** Frees the lock of a program that ended without doing so, as one that trapped. */
    public void releaseLock() {
        if (heldLock != 0) {
            Memory.putIntRelease(heldLock, 0);
            heldLock = 0;
        }
    }

    /** The program drains {@code ring} until {@link #endDrain}. */
    @TruffleBoundary
    public void beginDrain(UserRingMap ring) {
        drains.push(ring);
    }

    @TruffleBoundary
    public void endDrain(UserRingMap ring) {
        drains.remove(ring);
    }

    /** Ends those of a program that ended without doing so, as one that trapped. */
    @TruffleBoundary
    public void endDrains() {
        while (!drains.isEmpty()) {
            drains.pop().endDrain();
        }
    }

    /** The next packet may take tail calls again. */
    public void endTailCalls() {
        tailCalls = 0;
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

    public InnerRings innerRings() {
        return innerRings;
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

    /** Of which traps the listener hears, the instance says. */
    void tellTraps(TrapListener newListener) {
        listener = newListener;
    }

    /** Whom traps of its programs are told to, or null. */
    TrapListener listener() {
        return listener;
    }

    @Override
    public void close() {
        stack.close();
    }
}
