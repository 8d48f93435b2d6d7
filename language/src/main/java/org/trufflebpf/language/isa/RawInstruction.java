package org.trufflebpf.language.isa;

/**
 * The fields of one eight-byte slot, not yet understood (RFC 9669 section 3): opcode, destination and source register, offset, immediate.
 *
 * @param opcode 0 to 255
 * @param target the destination register's field, 0 to 15
 * @param source the source register's field, 0 to 15
 * @param offset sign-extended 16 bits
 */
public record RawInstruction(int opcode, int target, int source, int offset, int immediate) {

    public static final int BYTES = 8;

    // Classes: the low three bits of an opcode.
    public static final int LD = 0x00;
    public static final int LDX = 0x01;
    public static final int ST = 0x02;
    public static final int STX = 0x03;
    public static final int ALU = 0x04;
    public static final int JMP = 0x05;
    public static final int JMP32 = 0x06;
    public static final int ALU64 = 0x07;

    /** Of arithmetic and jumps: the second operand is the source register, not the immediate. */
    public static final int REGISTER = 0x08;

    // Operations of arithmetic that stand apart from the two-operand ones.
    public static final int NEGATE = 0x80;
    public static final int MOVE = 0xb0;
    public static final int SWAP = 0xd0;

    // Operations of jumps that are not conditions on two operands.
    public static final int GOTO = 0x00;
    public static final int CALL = 0x80;
    public static final int EXIT = 0x90;
    public static final int MAY_GOTO = 0xe0;

    // Modes of loads and stores.
    public static final int IMMEDIATE_64 = 0x00;
    public static final int ABSOLUTE = 0x20;
    public static final int INDIRECT = 0x40;
    public static final int MEMORY = 0x60;
    public static final int MEMORY_SIGNED = 0x80;
    public static final int ATOMIC = 0xc0;

    // Bits and values of an atomic instruction's immediate.
    public static final int FETCH = 0x01;
    public static final int LOAD_ACQUIRE = 0x100;
    public static final int STORE_RELEASE = 0x110;

    // What the source register's field of a 64-bit constant says.
    public static final int CONSTANT = 0;
    public static final int MAP = 1;
    public static final int MAP_VALUE = 2;
    public static final int VARIABLE = 3;
    public static final int FUNCTION = 4;
    public static final int MAP_INDEX = 5;
    public static final int MAP_INDEX_VALUE = 6;

    // What the source register's field of a call says.
    public static final int CALL_HELPER = 0;
    public static final int CALL_LOCAL = 1;
    public static final int CALL_KFUNC = 2;

    public static final int DOUBLE_CONSTANT = LD | IMMEDIATE_64 | 0x18;

    public static RawInstruction at(byte[] code, int slot) {
        int at = slot * BYTES;
        int offset = (short) (code[at + 2] & 0xff | code[at + 3] << 8);
        int immediate = code[at + 4] & 0xff | (code[at + 5] & 0xff) << 8 | (code[at + 6] & 0xff) << 16 | code[at + 7] << 24;
        return new RawInstruction(code[at] & 0xff, code[at + 1] & 0xf, (code[at + 1] & 0xff) >>> 4, offset, immediate);
    }

    public void write(byte[] code, int slot) {
        int at = slot * BYTES;
        code[at] = (byte) opcode;
        code[at + 1] = (byte) (source << 4 | target);
        code[at + 2] = (byte) offset;
        code[at + 3] = (byte) (offset >> 8);
        code[at + 4] = (byte) immediate;
        code[at + 5] = (byte) (immediate >> 8);
        code[at + 6] = (byte) (immediate >> 16);
        code[at + 7] = (byte) (immediate >> 24);
    }

    public int instructionClass() {
        return opcode & 0x07;
    }

    /** Of arithmetic and jumps. */
    public int operation() {
        return opcode & 0xf0;
    }

    /** Of loads and stores. */
    public int mode() {
        return opcode & 0xe0;
    }

    public boolean usesRegister() {
        return (opcode & REGISTER) != 0;
    }

    /** Of loads and stores. */
    public Instruction.Size size() {
        return switch (opcode & 0x18) {
            case 0x00 -> Instruction.Size.WORD;
            case 0x08 -> Instruction.Size.HALF;
            case 0x10 -> Instruction.Size.BYTE;
            default -> Instruction.Size.DOUBLE;
        };
    }
}
