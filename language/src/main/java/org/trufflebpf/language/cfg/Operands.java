package org.trufflebpf.language.cfg;

import java.util.stream.IntStream;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;

/** Which registers an instruction reads and writes by itself; what a call does is its helper's matter. */
public final class Operands {
    private Operands() {
    }

    /** Registers whose numbers are computed with: all operands but the bases of memory accesses. */
    public static int[] reads(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Alu i -> i.operation() == AluOperation.MOV ? registers(i.source()) : and(i.target(), i.source());
            case Instruction.Negate i -> new int[]{i.target()};
            case Instruction.MoveSignExtended i -> new int[]{i.source()};
            case Instruction.SwapBytes i -> new int[]{i.target()};
            case Instruction.Store i -> registers(i.source());
            case Instruction.StoreRelease i -> new int[]{i.source()};
            case Instruction.Atomic i ->
                            i.operation() == AtomicOperation.COMPARE_EXCHANGE ? new int[]{i.source(), Registers.RESULT} : new int[]{i.source()};
            case Instruction.Branch i -> and(i.left(), i.right());
            case Instruction.LoadConstant _, Instruction.LoadMap _, Instruction.LoadMapValue _, Instruction.LoadFunction _, Instruction.Load _,
                            Instruction.LoadAcquire _, Instruction.Jump _, Instruction.MayGoto _, Instruction.CallHelper _, Instruction.CallKfunc _,
                            Instruction.CallLocal _, Instruction.Exit _ ->
                new int[0];
        };
    }

    /** The register that gets a result, or -1. */
    public static int writes(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Alu i -> i.target();
            case Instruction.Negate i -> i.target();
            case Instruction.MoveSignExtended i -> i.target();
            case Instruction.SwapBytes i -> i.target();
            case Instruction.LoadConstant i -> i.target();
            case Instruction.LoadMap i -> i.target();
            case Instruction.LoadMapValue i -> i.target();
            case Instruction.LoadFunction i -> i.target();
            case Instruction.Load i -> i.target();
            case Instruction.LoadAcquire i -> i.target();
            case Instruction.Atomic i -> i.operation() == AtomicOperation.COMPARE_EXCHANGE ? Registers.RESULT : i.fetch() ? i.source() : -1;
            case Instruction.Store _, Instruction.StoreRelease _, Instruction.Jump _, Instruction.Branch _, Instruction.MayGoto _,
                            Instruction.CallHelper _, Instruction.CallKfunc _, Instruction.CallLocal _, Instruction.Exit _ ->
                -1;
        };
    }

    /** The memory that an instruction accesses, or null. */
    public static MemoryAccess access(Instruction instruction) {
        return switch (instruction) {
            case Instruction.Load i -> new MemoryAccess(i.base(), i.offset(), i.size(), true, false);
            case Instruction.LoadAcquire i -> new MemoryAccess(i.base(), i.offset(), i.size(), true, false);
            case Instruction.Store i -> new MemoryAccess(i.base(), i.offset(), i.size(), false, true);
            case Instruction.StoreRelease i -> new MemoryAccess(i.base(), i.offset(), i.size(), false, true);
            case Instruction.Atomic i -> new MemoryAccess(i.base(), i.offset(), i.size(), true, true);
            default -> null;
        };
    }

    /**
     * @param base register
     * @param offset bytes from it
     */
    public record MemoryAccess(int base, int offset, Instruction.Size size, boolean reads, boolean writes) {
        public int bytes() {
            return size.bytes();
        }
    }

    public static int[] registers(Operand operand) {
        return operand instanceof Register register ? new int[]{register.number()} : new int[0];
    }

    private static int[] and(int register, Operand operand) {
        return IntStream.concat(IntStream.of(register), IntStream.of(registers(operand))).toArray();
    }
}
