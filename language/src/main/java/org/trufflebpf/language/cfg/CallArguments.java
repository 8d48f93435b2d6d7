package org.trufflebpf.language.cfg;

import java.util.HashMap;
import java.util.Map;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Register;

/** Which registers hold functions and zero, as far as one block shows it; clang loads a callback and flags right before the call. */
final class CallArguments {
    private static final int ZERO = -1;
    private static final int UNKNOWN = -2;

    private final Map<Integer, Integer> held = new HashMap<>();

    /** The function's slot, or a negative number. */
    int function(int register) {
        return held.getOrDefault(register, UNKNOWN);
    }

    boolean isZero(int register) {
        return function(register) == ZERO;
    }

    void visit(Instruction instruction) {
        switch (instruction) {
            case Instruction.LoadFunction load -> held.put(load.target(), load.functionSlot());
            case Instruction.LoadConstant(int target, long value) when value == 0 -> held.put(target, ZERO);
            case Instruction.Alu(AluOperation operation, boolean _, int target, Immediate(var value))
                            when operation == AluOperation.MOV && value == 0 ->
                held.put(target, ZERO);
            case Instruction.Alu(AluOperation operation, boolean wide, int target, Register(int source)) when operation == AluOperation.MOV && wide &&
                            held.containsKey(source) -> held.put(target, held.get(source));
            case Instruction.CallHelper _, Instruction.CallKfunc _ -> held.keySet().removeIf(register -> register <= 5);
            default -> held.remove(Operands.writes(instruction));
        }
    }
}
