package org.trufflebpf.language.isa;

/**
 * One decoded eBPF instruction (RFC 9669, and Linux for what the RFC leaves out). Registers are numbers: 0 to 10 as decoded; later stages
 * may rename them to larger numbers. Jump targets are absolute slots (a slot is eight bytes of code; a 64-bit constant takes two).
 *
 * <p>A {@code wide} operation works on 64 bits; a narrow one on the low 32, and its result is zero-extended.
 */
public sealed interface Instruction {

    /** The second operand: a register or a constant. */
    sealed interface Operand {
    }

    record Register(int number) implements Operand {
    }

    /** Sign-extended to 64 bits where the operation is wide. */
    record Immediate(int value) implements Operand {
    }

    enum AluOperation {
        ADD(0x00, 0), SUB(0x10, 0), MUL(0x20, 0), DIV(0x30, 0), SDIV(0x30, 1), MOD(0x90, 0), SMOD(0x90, 1), OR(0x40, 0), AND(0x50, 0),
        XOR(0xa0, 0), LSH(0x60, 0), RSH(0x70, 0), ARSH(0xc0, 0), MOV(0xb0, 0);

        private static final AluOperation[] ALL = values();

        /** In the opcode. */
        final int code;
        /** What the offset field must be. */
        final int offset;

        AluOperation(int code, int offset) {
            this.code = code;
            this.offset = offset;
        }

        /** The operation with this code, and with this offset if there is one; null if no operation has the code. */
        static AluOperation of(int code, int offset) {
            AluOperation found = null;
            for (AluOperation operation : ALL) {
                if (operation.code == code && (operation.offset == 0 || operation.offset == offset)) {
                    found = operation;
                }
            }
            return found;
        }
    }

    enum Condition {
        EQ(0x10), NE(0x50), GT(0x20), GE(0x30), LT(0xa0), LE(0xb0), SGT(0x60), SGE(0x70), SLT(0xc0), SLE(0xd0), /** Common bits. */ SET(0x40);

        private static final Condition[] ALL = values();

        /** In the opcode. */
        final int code;

        Condition(int code) {
            this.code = code;
        }

        /** The condition with this code, or null. */
        static Condition of(int code) {
            for (Condition condition : ALL) {
                if (condition.code == code) {
                    return condition;
                }
            }
            return null;
        }
    }

    enum ByteOrder {
        /** Truncates to the width: the machine is little-endian. */
        LITTLE,
        /** Swaps and truncates. */
        BIG,
        /** Swaps whatever the machine's order (v4). */
        SWAP
    }

    enum AtomicOperation {
        ADD(0x00), OR(0x40), AND(0x50), XOR(0xa0), EXCHANGE(0xe0), COMPARE_EXCHANGE(0xf0);

        private static final AtomicOperation[] ALL = values();

        /** In the immediate. */
        final int code;

        AtomicOperation(int code) {
            this.code = code;
        }

        /** The operation with this code, or null. */
        static AtomicOperation of(int code) {
            for (AtomicOperation operation : ALL) {
                if (operation.code == code) {
                    return operation;
                }
            }
            return null;
        }

        /** Whether it only exists with fetch. */
        boolean alwaysFetches() {
            return this == EXCHANGE || this == COMPARE_EXCHANGE;
        }
    }

    /** Size of a memory access. */
    enum Size {
        BYTE(1, 0x10), HALF(2, 0x08), WORD(4, 0x00), DOUBLE(8, 0x18);

        private final int bytes;

        /** In the opcode. */
        final int code;

        Size(int bytes, int code) {
            this.bytes = bytes;
            this.code = code;
        }

        public int bytes() {
            return bytes;
        }
    }

    /** Two for those that hold 64 bits, else one. */
    default int slotCount() {
        return switch (this) {
            case LoadConstant _, LoadMap _, LoadMapValue _, LoadFunction _ -> 2;
            default -> 1;
        };
    }

    /**
     * Shifts count modulo the width; division by zero yields zero and the remainder is then the dividend; the smallest number divided by -1
     * is itself, with remainder zero.
     */
    record Alu(AluOperation operation, boolean wide, int target, Operand source) implements Instruction {
    }

    record Negate(boolean wide, int target) implements Instruction {
    }

    /** MOVSX: the low {@code bits} (8, 16 or 32) of the source, sign-extended to 64 or, when narrow, 32 bits. */
    record MoveSignExtended(boolean wide, int target, int source, int bits) implements Instruction {
    }

    /** {@code bits} is 16, 32 or 64. */
    record SwapBytes(ByteOrder order, int target, int bits) implements Instruction {
    }

    /** A 64-bit constant, two slots. */
    record LoadConstant(int target, long value) implements Instruction {
    }

    /** A map's handle, two slots. */
    record LoadMap(int target, String map) implements Instruction {
    }

    /** The address of byte {@code offset} of a map's first value, two slots. */
    record LoadMapValue(int target, String map, int offset) implements Instruction {
    }

    /** The handle of a function of this program, for helpers that take a callback, two slots. */
    record LoadFunction(int target, int functionSlot) implements Instruction {
    }

    /** {@code signed}: the value is sign-extended to 64 bits (MEMSX), else zero-extended. */
    record Load(Size size, boolean signed, int target, int base, int offset) implements Instruction {
    }

    record Store(Size size, int base, int offset, Operand source) implements Instruction {
    }

    /**
     * {@code size} is WORD or DOUBLE. With {@code fetch} (always for the exchanges) the old value goes to the source register, or to r0 for
     * COMPARE_EXCHANGE, which compares with r0.
     */
    record Atomic(AtomicOperation operation, boolean fetch, Size size, int base, int offset, int source) implements Instruction {
    }

    record LoadAcquire(Size size, int target, int base, int offset) implements Instruction {
    }

    record StoreRelease(Size size, int base, int offset, int source) implements Instruction {
    }

    /** {@code far}: encoded with a distance of 32 bits (gotol), not 16. */
    record Jump(int slot, boolean far) implements Instruction {
    }

    record Branch(Condition condition, boolean wide, int left, Operand right, int slot) implements Instruction {
    }

    /** Jumps once the loop budget is used up (Linux may_goto). */
    record MayGoto(int slot) implements Instruction {
    }

    /** A helper by its number in the kernel's list. */
    record CallHelper(int helper) implements Instruction {
    }

    /** A kernel function by name, resolved by the loader. */
    record CallKfunc(String name) implements Instruction {
    }

    /** A call of a function of this program. */
    record CallLocal(int slot) implements Instruction {
    }

    record Exit() implements Instruction {
    }
}
