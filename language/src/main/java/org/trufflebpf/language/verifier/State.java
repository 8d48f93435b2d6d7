package org.trufflebpf.language.verifier;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.isa.Instruction.AluOperation;

/** What is known at one point of a program: a value per register and per eight-byte word of the stack frames, and what the program holds. */
public final class State {
    public static final int WORDS_PER_FRAME = 64;
    private static final int WORD = 8;

    private final Value[] registers;
    private final Value[] stack;
    /** Bytes that the packet has at least, from its first on. */
    private long packetBytes;
    /** By id: bytes from that number on that are known to be in the region; never changed in place. */
    private Map<Integer, Long> ranges;
    /** By id: records that must be given back, and the instruction that took each; never changed in place. */
    private Map<Integer, Integer> held;
    /** The address of the lock that is held, null for none, {@link Value#UNWRITTEN} where that depends on the path. */
    private Value lock;
    /** By two ids: that of the sum of their numbers; never changed in place. */
    private Map<Sum, Integer> sums;
    private int nextId;
    /** The base of the access that comes next, if that is proved by more than this state says. */
    private Value proved;

    private record Sum(int left, int right) {
    }

    private State(Value[] registers, Value[] stack) {
        this.registers = registers;
        this.stack = stack;
        this.ranges = Map.of();
        this.held = Map.of();
        this.sums = Map.of();
        this.nextId = Value.FIRST_ID;
    }

    static State empty(int depths) {
        Value[] registers = new Value[Registers.COUNT];
        Arrays.fill(registers, Value.UNWRITTEN);
        for (int depth = 0; depth < depths; depth++) {
            registers[Registers.framePointer(depth)] = Value.stack(depth);
        }
        // A privileged program may read stack that it never wrote. The nodes clear all words that can be read so, so half-written ones are known.
        Value[] stack = new Value[depths * WORDS_PER_FRAME];
        Arrays.fill(stack, Value.constant(0));
        return new State(registers, stack);
    }

    State copy() {
        State copy = new State(registers.clone(), stack.clone());
        copy.packetBytes = packetBytes;
        copy.ranges = ranges;
        copy.held = held;
        copy.sums = sums;
        copy.proved = proved;
        copy.lock = lock;
        copy.nextId = nextId;
        return copy;
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

    /** Of all frames. */
    int stackWords() {
        return stack.length;
    }

    Value stackWord(int word) {
        return stack[word];
    }

    void setStackWord(int word, Value value) {
        stack[word] = value;
    }

    /** Whether {@code size} bytes at {@code base + offset} lie inside every packet that gets here, as comparisons with its end have shown. */
    public boolean isInPacket(Value base, long offset, long size) {
        if (base.isWithin(Value.Kind.PACKET, offset, size, 0, packetBytes)) {
            return true;
        }
        return base.isOnly(Value.Kind.PACKET) && (base.id() == Value.META_ID ? isReached(base, offset, size)
                        : base.min() >= -offset && endsReached(base, offset, size));
    }

    /** Whether {@code size} bytes at {@code base + offset} lie behind the number that its id stands for, and are known to be in its region. */
    boolean isReached(Value base, long offset, long size) {
        return base.delta() + offset >= 0 && endsReached(base, offset, size);
    }

    private boolean endsReached(Value base, long offset, long size) {
        return base.id() != 0 && base.delta() + offset + size <= ranges.getOrDefault(base.id(), Long.MIN_VALUE);
    }

    /** Bytes that every packet has that gets here. */
    public long packetBytes() {
        return packetBytes;
    }

    void packetHas(long bytes) {
        packetBytes = Math.max(packetBytes, bytes);
    }

    /** From the number that {@code pointer}'s id stands for up to {@code more} bytes behind the pointer all bytes are in its region. */
    void reaches(Value pointer, int more) {
        if (pointer.id() != 0) {
            Map<Integer, Long> longer = new HashMap<>(ranges);
            longer.merge(pointer.id(), pointer.delta() + more, Math::max);
            ranges = longer;
        }
    }

    /** Whether some register or stack word may be an address in a value of one of these maps, or a dynptr to one. */
    public boolean mayHoldValue(long maps) {
        return Stream.of(registers, stack).flatMap(Arrays::stream).anyMatch(value -> (value.maps() & maps) != 0 && value.mayReachValue());
    }

    /** Packet pointers become mere numbers, as after the packet moved; what else a value can be it still can. */
    void forgetPacket() {
        packetBytes = 0;
        ranges = Map.of();
        sums = Map.of();
        replaceAll(Value::withoutPacket);
    }

    /** Any number may stand in any word of the stack. */
    void forgetStack() {
        Arrays.setAll(stack, i -> stack[i].asDynptr().join(Value.ANY_SCALAR));
    }

    /** The access through {@code base} is proved, whatever this state says. */
    void setProved(Value base) {
        proved = base;
    }

    boolean isProved(Value base) {
        return proved == base;
    }

    private void replaceAll(UnaryOperator<Value> change) {
        Arrays.setAll(registers, i -> change.apply(registers[i]));
        Arrays.setAll(stack, i -> change.apply(stack[i]));
    }

    /** An id that no value has. */
    int newId() {
        return nextId++;
    }

    /** The id of what two ids stand for together; 0 on the left is the start of the packet. */
    int sumId(int left, int right) {
        Sum sum = new Sum(left, right);
        if (!sums.containsKey(sum)) {
            Map<Sum, Integer> more = new HashMap<>(sums);
            more.put(sum, newId());
            sums = more;
        }
        return sums.get(sum);
    }

    /** What is shown of a register from now on will be shown of its copies. */
    void identify(int register) {
        registers[register] = identified(registers[register]);
    }

    void identifyStackWord(int word) {
        stack[word] = identified(stack[word]);
    }

    private Value identified(Value value) {
        return value.id() == 0 && value.isIdentifiable() ? value.withId(newId(), 0) : value;
    }

    /**
     * Something was shown of a register, and so of all values with its id.
     *
     * @return whether that is possible
     */
    boolean refine(int register, Value refined) {
        int id = registers[register].id();
        registers[register] = refined;
        if (id == 0) {
            return true;
        }
        if (refined.isConstant() && held.containsKey(id)) {
            // It is null: there is nothing to give back.
            release(id);
        }
        return refineEquals(registers, id, refined) && refineEquals(stack, id, refined);
    }

    private static boolean refineEquals(Value[] values, int id, Value refined) {
        for (int i = 0; i < values.length; i++) {
            Value value = values[i];
            if (value.id() == id && value != refined) {
                Value changed = equal(value, refined);
                if (changed == null) {
                    return false;
                }
                values[i] = changed;
            }
        }
        return true;
    }

    /** What is known of {@code value}, whose id {@code refined} has or had; null if it can be nothing. */
    private static Value equal(Value value, Value refined) {
        long distance = value.delta() - refined.delta();
        if (value.may(Value.Kind.NULL)) {
            return distance != 0 ? value : refined.isConstant() ? refined : refined.may(Value.Kind.NULL) ? value : value.withoutNull();
        }
        if (value.kinds() != refined.kinds()) {
            return value;
        }
        Range moved = distance == 0 ? refined.range() : refined.range().evaluate(AluOperation.ADD, true, Range.constant(distance));
        Range both = value.range().meet(moved);
        return both == null ? null : value.refined(both);
    }

    /** Records that must be given back: by id, the instruction that took each. */
    Map<Integer, Integer> held() {
        return held;
    }

    void hold(int id, int slot) {
        held = new HashMap<>(held);
        held.put(id, slot);
    }

    private void release(int id) {
        held = new HashMap<>(held);
        held.remove(id);
    }

    /** The record of {@code given} was given back; where that is not known to be one that the program holds, one of the records was. */
    void giveBack(Value given) {
        boolean known = given.id() != 0 && held.containsKey(given.id());
        if (known) {
            release(given.id());
        }
        Set<Integer> live = held.keySet();
        replaceAll(value -> known && value.id() == given.id() && !value.mayBeDynptr() ? Value.ANY_SCALAR
                        : known && live.contains(value.id()) ? value
                                        : value.withUncertainRecord());
    }

    Value lock() {
        return lock;
    }

    void setLock(Value held) {
        lock = held;
    }

    /**
     * Makes this state cover {@code other} too.
     *
     * @param thresholds bounds to jump to instead of creeping, or null to join exactly
     * @return whether anything changed
     */
    boolean join(State other, NavigableSet<Long> thresholds) {
        nextId = Math.max(nextId, other.nextId);
        Renaming renaming = new Renaming(this::newId);
        long bytes = Math.min(packetBytes, other.packetBytes);
        boolean changed = bytes != packetBytes || !sums.isEmpty();
        sums = Map.of();
        packetBytes = changed && thresholds != null ? 0 : bytes;
        changed |= join(registers, other.registers, thresholds, renaming);
        changed |= join(stack, other.stack, thresholds, renaming);
        Map<Integer, Long> joinedRanges = renaming.joinRanges(ranges, other.ranges, thresholds != null);
        Map<Integer, Integer> references = renaming.joinHeld(held, other.held);
        Value joinedLock = joinLocks(lock, other.lock, renaming);
        changed |= !renaming.sameRanges(ranges, joinedRanges) || !references.equals(held) || lock != joinedLock;
        ranges = joinedRanges;
        held = references;
        lock = joinedLock;
        return changed;
    }

    private static boolean join(Value[] into, Value[] from, NavigableSet<Long> thresholds, Renaming renaming) {
        boolean changed = false;
        for (int i = 0; i < into.length; i++) {
            Value joined = renaming.join(into[i], from[i]);
            if (!joined.equals(into[i])) {
                into[i] = thresholds == null ? joined : joined.refined(into[i].range().widen(joined.range(), thresholds));
                changed = true;
            }
        }
        return changed;
    }

    private static Value joinLocks(Value mine, Value others, Renaming renaming) {
        if (mine == null && others == null) {
            return null;
        }
        boolean same = mine != null && others != null && renaming.join(mine, others).equals(mine);
        return same ? mine : Value.UNWRITTEN;
    }
}
