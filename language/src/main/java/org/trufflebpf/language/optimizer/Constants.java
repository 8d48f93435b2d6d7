package org.trufflebpf.language.optimizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.trufflebpf.language.cfg.Operands;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.verifier.State;
import org.trufflebpf.language.verifier.Value;

/** The numbers that registers hold on one way through a program, beyond what the analysis knows of all ways. */
final class Constants {
    private final Map<Integer, Long> registers;

    private Constants(Map<Integer, Long> registers) {
        this.registers = registers;
    }

    /** Those of a map that a {@linkplain #key key} was made of. */
    static Constants of(Map<Integer, Long> key) {
        return new Constants(new HashMap<>(key));
    }

    /** Those that are known in a state, of some registers. */
    static Constants of(State state, BitSet some) {
        Constants constants = new Constants(new HashMap<>());
        some.stream().filter(register -> state.register(register).isConstant())
                        .forEach(register -> constants.registers.put(register, state.register(register).min()));
        return constants;
    }

    /** Those of some registers, to tell ways apart by. */
    Map<Integer, Long> key(BitSet some) {
        Map<Integer, Long> key = new HashMap<>(registers);
        key.keySet().removeIf(register -> !some.get(register));
        return key;
    }

    /** Null when it is not known; {@code state} is what is known of all ways. */
    Long value(int register, State state) {
        Long known = registers.get(register);
        Value value = state.register(register);
        return known == null && value.isConstant() ? (Long) value.min() : known;
    }

    Long value(Operand operand, State state) {
        return switch (operand) {
            case Register register -> value(register.number(), state);
            case Immediate immediate -> (long) immediate.value();
        };
    }

    /** After an instruction; {@code state} is what is known before it. */
    void apply(Instruction instruction, State state) {
        switch (instruction) {
            case Instruction.Alu i -> {
                Long left = i.operation() == AluOperation.MOV ? (Long) 0L : value(i.target(), state);
                Long right = value(i.source(), state);
                set(i.target(), left == null || right == null ? null : (Long) Arithmetic.evaluate(i.operation(), i.wide(), left, right));
            }
            case Instruction.Negate i -> {
                Long value = value(i.target(), state);
                set(i.target(), value == null ? null : (Long) Arithmetic.evaluate(AluOperation.SUB, i.wide(), 0, value));
            }
            case Instruction.MoveSignExtended i -> {
                Long value = value(i.source(), state);
                long extended = value == null ? 0 : Arithmetic.signExtend(value, i.bits());
                set(i.target(), value == null ? null : (Long) (i.wide() ? extended : extended & 0xffff_ffffL));
            }
            case Instruction.SwapBytes i -> {
                Long value = value(i.target(), state);
                set(i.target(), value == null ? null : (Long) Arithmetic.swap(i.order(), value, i.bits()));
            }
            case Instruction.LoadConstant i -> set(i.target(), i.value());
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> registers.keySet().removeIf(register -> register <= 5);
            default -> set(Operands.writes(instruction), null);
        }
    }

    private void set(int register, Long value) {
        if (value == null) {
            registers.remove(register);
        } else {
            registers.put(register, value);
        }
    }
}
