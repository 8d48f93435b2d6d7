package org.trufflebpf.language.verifier;

import java.util.Arrays;
import java.util.NavigableSet;
import org.trufflebpf.language.cfg.Registers;

/** What is known at one point of a program: a value per register and per eight-byte word of the stack frames. */
public final class State {
    public static final int WORDS_PER_FRAME = 64;
    private static final int WORD = 8;

    private final Value[] registers;
    private final Value[] stack;
    /** Bytes that the packet has at least, from its first on. */
    private long packetBytes;

    private State(Value[] registers, Value[] stack, long packetBytes) {
        this.registers = registers;
        this.stack = stack;
        this.packetBytes = packetBytes;
    }

    static State empty(int depths) {
        Value[] registers = new Value[Registers.COUNT];
        Arrays.fill(registers, Value.UNWRITTEN);
        for (int depth = 0; depth < depths; depth++) {
            registers[Registers.framePointer(depth)] = Value.stack(depth);
        }
        // A privileged program may read stack that it never wrote. The nodes clear all words that can be read so, which makes half-written ones known.
        Value[] stack = new Value[depths * WORDS_PER_FRAME];
        Arrays.fill(stack, Value.constant(0));
        return new State(registers, stack, 0);
    }

    State copy() {
        return new State(registers.clone(), stack.clone(), packetBytes);
    }

    public Value register(int number) {
        return registers[number];
    }

    void setRegister(int number, Value value) {
        registers[number] = value;
    }

    /** The number of the word that byte {@code offset}, -512 to -1 from the frame pointer, lies in. */
    public static int word(int depth, long offset) {
        return depth * WORDS_PER_FRAME + (int) (offset + WORDS_PER_FRAME * WORD >> 3);
    }

    static boolean inFrame(long offset, long size) {
        return offset >= -WORDS_PER_FRAME * WORD && offset <= -size;
    }

    Value stackWord(int word) {
        return stack[word];
    }

    void setStackWord(int word, Value value) {
        stack[word] = value;
    }

    /** Whether {@code size} bytes at {@code base + offset} lie inside every packet that gets here, as comparisons with its end have shown. */
    public boolean isInPacket(Value base, long offset, long size) {
        return base.isWithin(Value.Kind.PACKET, offset, size, 0, packetBytes);
    }

    /** Bytes that every packet has that gets here. */
    long packetBytes() {
        return packetBytes;
    }

    void packetHas(long bytes) {
        packetBytes = Math.max(packetBytes, bytes);
    }

    /** Packet pointers become mere numbers, as after the packet moved; what else a value can be it still can. */
    void forgetPacket() {
        packetBytes = 0;
        Arrays.setAll(registers, i -> registers[i].withoutPacket());
        Arrays.setAll(stack, i -> stack[i].withoutPacket());
    }

    /** One of the records was given back; which one is not known. */
    void doubtRecords() {
        Arrays.setAll(registers, i -> registers[i].withUncertainRecord());
        Arrays.setAll(stack, i -> stack[i].withUncertainRecord());
    }

    /**
     * Makes this state cover {@code other} too.
     *
     * @param thresholds bounds to jump to instead of creeping, or null to join exactly
     * @return whether anything changed
     */
    boolean join(State other, NavigableSet<Long> thresholds) {
        boolean shorter = other.packetBytes < packetBytes;
        packetBytes = Math.min(packetBytes, other.packetBytes);
        return join(registers, other.registers, thresholds) | join(stack, other.stack, thresholds) | shorter;
    }

    private static boolean join(Value[] into, Value[] from, NavigableSet<Long> thresholds) {
        boolean changed = false;
        for (int i = 0; i < into.length; i++) {
            Value joined = into[i].join(from[i]);
            if (!joined.equals(into[i])) {
                into[i] = thresholds == null ? joined : widen(into[i], joined, thresholds);
                changed = true;
            }
        }
        return changed;
    }

    private static Value widen(Value old, Value joined, NavigableSet<Long> thresholds) {
        Long min = joined.min() == old.min() ? (Long) joined.min() : thresholds.floor(joined.min());
        Long max = joined.max() == old.max() ? (Long) joined.max() : thresholds.ceiling(joined.max());
        return joined.withBounds(min == null ? Long.MIN_VALUE : min, max == null ? Long.MAX_VALUE : max);
    }
}
