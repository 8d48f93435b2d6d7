package org.trufflebpf.language.isa;

import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;

/**
 * Encodes instructions: the inverse of {@link Decoder}. What only a running kernel knows is left zero: the file descriptors of maps and the
 * BTF ids of kernel functions.
 */
public final class Encoder {

    private Encoder() {
    }

    /** Whether every jump at {@code slot} can lead to {@code target}; if not, only gotol can. */
    public static boolean isNear(int target, int slot) {
        int distance = distance(target, slot);
        return distance == (short) distance;
    }

    /**
     * Writes {@code instruction} into {@code code} at {@code slot}, and behind it if it takes two slots. The targets of jumps must be
     * {@linkplain #isNear near}, except gotol's.
     */
    public static void encode(Instruction instruction, int slot, byte[] code) {
        raw(instruction, slot).write(code, slot);
        switch (instruction) {
            case Instruction.LoadConstant constant -> second((int) (constant.value() >>> 32), slot, code);
            case Instruction.LoadMapValue value -> second(value.offset(), slot, code);
            case Instruction.LoadMap _, Instruction.LoadFunction _ -> second(0, slot, code);
            default -> {
            }
        }
    }

    private static void second(int immediate, int slot, byte[] code) {
        new RawInstruction(0, 0, 0, 0, immediate).write(code, slot + 1);
    }

    private static RawInstruction raw(Instruction instruction, int slot) {
        return switch (instruction) {
            case Instruction.Alu i -> operands(arithmetic(i.wide()) | i.operation().code, i.target(), i.operation().offset, i.source());
            case Instruction.Negate i -> new RawInstruction(arithmetic(i.wide()) | RawInstruction.NEGATE, i.target(), 0, 0, 0);
            case Instruction.MoveSignExtended i ->
                new RawInstruction(arithmetic(i.wide()) | RawInstruction.MOVE | RawInstruction.REGISTER, i.target(), i.source(), i.bits(), 0);
            case Instruction.SwapBytes i -> new RawInstruction(swap(i.order()), i.target(), 0, 0, i.bits());
            case Instruction.LoadConstant i -> constant(i.target(), RawInstruction.CONSTANT, (int) i.value());
            case Instruction.LoadMap i -> constant(i.target(), RawInstruction.MAP, 0);
            case Instruction.LoadMapValue i -> constant(i.target(), RawInstruction.MAP_VALUE, 0);
            case Instruction.LoadFunction i -> constant(i.target(), RawInstruction.FUNCTION, distance(i.functionSlot(), slot));
            case Instruction.Load i -> {
                int mode = i.signed() ? RawInstruction.MEMORY_SIGNED : RawInstruction.MEMORY;
                yield new RawInstruction(RawInstruction.LDX | mode | i.size().code, i.target(), i.base(), i.offset(), 0);
            }
            case Instruction.Store i -> store(i);
            case Instruction.Atomic i -> {
                int operation = i.operation().code | (i.fetch() ? RawInstruction.FETCH : 0);
                yield atomic(i.size(), i.base(), i.source(), i.offset(), operation);
            }
            case Instruction.LoadAcquire i -> atomic(i.size(), i.target(), i.base(), i.offset(), RawInstruction.LOAD_ACQUIRE);
            case Instruction.StoreRelease i -> atomic(i.size(), i.base(), i.source(), i.offset(), RawInstruction.STORE_RELEASE);
            case Instruction.Jump i when i.far() ->
                new RawInstruction(RawInstruction.JMP32 | RawInstruction.GOTO, 0, 0, 0, distance(i.slot(), slot));
            case Instruction.Jump i -> new RawInstruction(RawInstruction.JMP | RawInstruction.GOTO, 0, 0, distance(i.slot(), slot), 0);
            case Instruction.Branch i -> {
                int opcode = (i.wide() ? RawInstruction.JMP : RawInstruction.JMP32) | i.condition().code;
                yield operands(opcode, i.left(), distance(i.slot(), slot), i.right());
            }
            case Instruction.MayGoto i -> new RawInstruction(RawInstruction.JMP | RawInstruction.MAY_GOTO, 0, 0, distance(i.slot(), slot), 0);
            case Instruction.CallHelper i -> call(RawInstruction.CALL_HELPER, i.helper());
            case Instruction.CallKfunc _ -> call(RawInstruction.CALL_KFUNC, 0);
            case Instruction.CallLocal i -> call(RawInstruction.CALL_LOCAL, distance(i.slot(), slot));
            case Instruction.Exit _ -> new RawInstruction(RawInstruction.JMP | RawInstruction.EXIT, 0, 0, 0, 0);
        };
    }

    private static RawInstruction operands(int opcode, int target, int offset, Operand operand) {
        return switch (operand) {
            case Register(int number) -> new RawInstruction(opcode | RawInstruction.REGISTER, target, number, offset, 0);
            case Immediate(int value) -> new RawInstruction(opcode, target, 0, offset, value);
        };
    }

    private static RawInstruction store(Instruction.Store store) {
        int opcode = RawInstruction.MEMORY | store.size().code;
        return switch (store.source()) {
            case Register(int number) -> new RawInstruction(RawInstruction.STX | opcode, store.base(), number, store.offset(), 0);
            case Immediate(int value) -> new RawInstruction(RawInstruction.ST | opcode, store.base(), 0, store.offset(), value);
        };
    }

    private static RawInstruction atomic(Instruction.Size size, int target, int source, int offset, int operation) {
        return new RawInstruction(RawInstruction.STX | RawInstruction.ATOMIC | size.code, target, source, offset, operation);
    }

    private static RawInstruction constant(int target, int kind, int immediate) {
        return new RawInstruction(RawInstruction.DOUBLE_CONSTANT, target, kind, 0, immediate);
    }

    private static RawInstruction call(int kind, int immediate) {
        return new RawInstruction(RawInstruction.JMP | RawInstruction.CALL, 0, kind, 0, immediate);
    }

    private static int arithmetic(boolean wide) {
        return wide ? RawInstruction.ALU64 : RawInstruction.ALU;
    }

    private static int swap(Instruction.ByteOrder order) {
        return RawInstruction.SWAP | switch (order) {
            case LITTLE -> RawInstruction.ALU;
            case BIG -> RawInstruction.ALU | RawInstruction.REGISTER;
            case SWAP -> RawInstruction.ALU64;
        };
    }

    private static int distance(int target, int slot) {
        return target - slot - 1;
    }
}
