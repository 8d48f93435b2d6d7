package org.trufflebpf.language.verifier;

import java.util.Arrays;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.cfg.Operands.MemoryAccess;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.cfg.Step;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;

/**
 * How far registers and stack words have moved since a loop's round began: which of them each was a copy of, and by how much it is more, between
 * bounds. Sums that can overflow are not followed.
 */
final class Progress {
    private static final int NONE = -1;

    private final int[] origins;
    private final long[] least;
    private final long[] most;

    private Progress(int[] origins, long[] least, long[] most) {
        this.origins = origins;
        this.least = least;
        this.most = most;
    }

    /** Where a round begins: each is itself. */
    static Progress start(int depths) {
        int[] origins = new int[Liveness.FIRST_WORD + depths * State.WORDS_PER_FRAME];
        Arrays.setAll(origins, variable -> variable);
        return new Progress(origins, new long[origins.length], new long[origins.length]);
    }

    Progress copy() {
        return new Progress(origins.clone(), least.clone(), most.clone());
    }

    int variables() {
        return origins.length;
    }

    /** By how much a variable grows at least, from one beginning of a round to the next; 0 if that is not known. Negative where it shrinks. */
    long step(int variable) {
        if (origins[variable] != variable) {
            return 0;
        }
        return least[variable] > 0 ? least[variable] : Math.min(most[variable], 0);
    }

    /**
     * Makes this cover {@code other} too.
     *
     * @param widen whether what changes is given up
     * @return whether anything changed
     */
    boolean join(Progress other, boolean widen) {
        boolean changed = false;
        for (int i = 0; i < origins.length; i++) {
            if (origins[i] == NONE) {
                continue;
            }
            if (origins[i] != other.origins[i]) {
                origins[i] = NONE;
                changed = true;
            } else if (other.least[i] < least[i] || other.most[i] > most[i]) {
                least[i] = other.least[i] < least[i] ? widen ? Long.MIN_VALUE : other.least[i] : least[i];
                most[i] = other.most[i] > most[i] ? widen ? Long.MAX_VALUE : other.most[i] : most[i];
                changed = true;
            }
        }
        return changed;
    }

    private void copy(int from, int to) {
        origins[to] = origins[from];
        least[to] = least[from];
        most[to] = most[from];
    }

    private void forget(int variable) {
        origins[variable] = NONE;
    }

    /** Goes over an instruction, in the state before it. */
    void apply(Step step, State state, MapTable maps) {
        switch (step.instruction()) {
            case Instruction.Alu alu -> alu(alu, state);
            case Instruction.Store store when store.source() instanceof Register source &&
                            isWord(state.register(store.base()), store.offset(), store.size()) ->
                copy(source.number(), word(state.register(store.base()), store.offset()));
            case Instruction.Load load when isWord(state.register(load.base()), load.offset(), load.size()) ->
                copy(word(state.register(load.base()), load.offset()), load.target());
            default -> others(step.instruction(), state, maps);
        }
    }

    private static boolean isWord(Value base, int offset, Size size) {
        return size == Size.DOUBLE && StackUse.isFixed(base, offset, size.bytes());
    }

    private static int word(Value base, int offset) {
        return Liveness.word(State.word(base.depth(), base.min() + offset));
    }

    private void others(Instruction instruction, State state, MapTable maps) {
        MemoryAccess access = Operands.access(instruction);
        if (access != null && access.writes()) {
            forget(StackWindow.of(state.register(access.base()), access.offset(), access.bytes()));
        }
        Prototype.of(instruction).ifPresent(helper -> {
            for (MemoryArgument argument : MemoryArgument.of(helper, state, maps)) {
                if (argument.written()) {
                    forget(StackWindow.of(state.register(argument.register()), 0, argument.maxSize()));
                }
            }
            DynptrArgument.of(helper, state).forEach(dynptr -> dynptr.words().forEach(word -> {
                forget(Liveness.word(word));
                forget(Liveness.word(word + 1));
            }));
            for (int register = 0; register <= 5; register++) {
                forget(register);
            }
        });
        if (Operands.writes(instruction) >= 0) {
            forget(Operands.writes(instruction));
        }
    }

    private void forget(StackWindow window) {
        window.words().map(Liveness::word).filter(variable -> variable < origins.length).forEach(this::forget);
    }

    private void alu(Instruction.Alu alu, State state) {
        Value left = state.register(alu.target());
        Value right = Transfer.operand(state, alu.source());
        int target = alu.target();
        switch (alu.operation()) {
            case MOV -> {
                if (alu.source() instanceof Register source && (alu.wide() || isHalf(right))) {
                    copy(source.number(), target);
                } else {
                    forget(target);
                }
            }
            case ADD, SUB -> {
                Range amount = right.range();
                long low = alu.operation() == AluOperation.ADD ? amount.min() : -amount.max();
                long high = alu.operation() == AluOperation.ADD ? amount.max() : -amount.min();
                if (amount.min() == Long.MIN_VALUE || right.mayBePointer() || !fits(left, low, high, alu.wide())) {
                    forget(target);
                } else {
                    move(target, low, high);
                }
            }
            // These never grow, and where the number is not 0 they shrink.
            case RSH, DIV -> shrink(target, left, alu.wide(),
                            right.isConstant() && right.min() > (alu.operation() == AluOperation.RSH ? 0 : 1) && left.min() > 0);
            case AND -> shrink(target, left, alu.wide(), false);
            default -> forget(target);
        }
    }

    private static boolean isHalf(Value value) {
        return value.isOnly(Value.Kind.SCALAR) && value.truncated() == value;
    }

    /** Whether the sum is exact. */
    private static boolean fits(Value left, long low, long high, boolean wide) {
        if (wide) {
            return !left.isUnwritten() && left.min() >= Long.MIN_VALUE - Math.min(low, 0) && left.max() <= Long.MAX_VALUE - Math.max(high, 0);
        }
        return isHalf(left) && low >= Integer.MIN_VALUE && high <= Integer.MAX_VALUE && left.min() + low >= 0 && left.max() + high <= 0xffff_ffffL;
    }

    private void shrink(int variable, Value left, boolean wide, boolean certainly) {
        if (left.isOnly(Value.Kind.SCALAR) && left.min() >= 0 && (wide || isHalf(left))) {
            move(variable, -left.max(), certainly ? -1 : 0);
        } else {
            forget(variable);
        }
    }

    private void move(int variable, long low, long high) {
        long newLeast = least[variable] + low;
        long newMost = most[variable] + high;
        least[variable] = least[variable] == Long.MIN_VALUE || ((least[variable] ^ newLeast) & (low ^ newLeast)) < 0 ? Long.MIN_VALUE : newLeast;
        most[variable] = most[variable] == Long.MAX_VALUE || ((most[variable] ^ newMost) & (high ^ newMost)) < 0 ? Long.MAX_VALUE : newMost;
    }

    /** A stack word or register in a state. */
    static Value value(State state, int variable) {
        return variable < Registers.COUNT ? state.register(variable) : state.stackWord(variable - Liveness.FIRST_WORD);
    }
}
