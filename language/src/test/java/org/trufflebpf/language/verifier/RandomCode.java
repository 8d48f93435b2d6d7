package org.trufflebpf.language.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.trufflebpf.language.isa.Code;
import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Immediate;
import org.trufflebpf.language.isa.Instruction.Operand;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.isa.Instruction.Size;

/**
 * Programs at random: arithmetic near all limits, branches in both directions, spills, packet and map value pointers, calls of helpers and of a
 * function. Slots hold one instruction each, 64-bit constants too, so targets need no care.
 */
final class RandomCode {
    static final String MAP = "map";
    static final int VALUE_SIZE = 24;
    private static final long[] LIMITS = {0, 1, 2, 3, 7, 8, 14, 15, 16, 31, 32, 33, 63, 64, 255, 256, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL,
                    0x1_0000_0000L, Long.MAX_VALUE, -1, -2, -8, -14, -16, -64, Integer.MIN_VALUE, -0x8000_0001L, Long.MIN_VALUE, Long.MIN_VALUE + 1};

    private final Random random;
    private final boolean pointers;
    private final List<Instruction> code = new ArrayList<>();

    private RandomCode(Random random, boolean pointers) {
        this.random = random;
        this.pointers = pointers;
    }

    /** @param pointers whether there are others than those to the stack */
    static Code make(Random random, int length, boolean pointers) {
        return new RandomCode(random, pointers).make(length);
    }

    private Code make(int length) {
        prologue();
        int function = code.size() + length;
        int end = function + 6;
        while (code.size() < function - 1) {
            if (pointers && code.size() < function - 8 && random.nextInt(12) == 0) {
                lookup();
            } else if (pointers && code.size() < function - 12 && random.nextInt(6) == 0) {
                packetAccess();
            }
            code.add(instruction(0, function, function));
        }
        code.add(new Instruction.Exit());
        while (code.size() < end - 1) {
            code.add(instruction(function, end, -1));
        }
        code.add(new Instruction.Exit());
        return new Code(List.copyOf(code));
    }

    /** Registers and stack get numbers of various kinds: all bits unknown, few bits unknown, constants. */
    private void prologue() {
        code.add(new Instruction.Alu(AluOperation.MOV, true, 6, new Register(1)));
        for (int word = 1; word <= 4; word++) {
            code.add(new Instruction.CallHelper(5));
            code.add(new Instruction.Store(pick(Size.values()), 10, -8 * word,
                            random.nextInt(4) == 0 ? new Immediate((int) limit()) : new Register(0)));
        }
        for (int register = 0; register < 10; register++) {
            if (register != 6 || !pointers) {
                code.add(start(register));
            }
        }
    }

    private Instruction start(int register) {
        return switch (random.nextInt(4)) {
            case 0 -> new Instruction.LoadConstant(register, limit());
            case 1 -> pointers ? new Instruction.Load(Size.WORD, false, register, 6, pick(0, 4, 12)) : load(register, Size.DOUBLE);
            default -> load(register, pick(Size.values()));
        };
    }

    private void lookup() {
        code.add(new Instruction.Store(pick(Size.WORD, Size.DOUBLE), 10, -8, random.nextInt(3) == 0 ? operand() : new Immediate(random.nextInt(2))));
        code.add(new Instruction.LoadMap(1, MAP));
        code.add(new Instruction.Alu(AluOperation.MOV, true, 2, new Register(10)));
        code.add(new Instruction.Alu(AluOperation.ADD, true, 2, new Immediate(-8)));
        code.add(new Instruction.CallHelper(1));
        if (random.nextBoolean()) {
            code.add(new Instruction.Branch(pick(Condition.EQ, Condition.NE), true, 0, new Immediate(0), code.size() + 2));
        }
    }

    /** Compares with the packet's end, sometimes moves the packet, and reads what the comparison may have shown to be there. */
    private void packetAccess() {
        int length = random.nextInt(-2, 24);
        boolean endFirst = random.nextBoolean();
        code.add(new Instruction.Load(Size.WORD, false, 7, 6, 0));
        code.add(new Instruction.Load(Size.WORD, false, 8, 6, 4));
        code.add(new Instruction.Alu(AluOperation.MOV, true, 9, new Register(7)));
        code.add(new Instruction.Alu(AluOperation.ADD, true, 9, new Immediate(length)));
        code.add(new Instruction.Branch(pick(Condition.GT, Condition.GE, Condition.LT, Condition.LE), true, endFirst ? 8 : 9,
                        new Register(endFirst ? 9 : 8),
                        code.size() + random.nextInt(2, 6)));
        if (random.nextInt(3) == 0) {
            code.add(new Instruction.Alu(AluOperation.MOV, true, 1, new Register(6)));
            code.add(new Instruction.CallHelper(44));
        }
        Size size = pick(Size.values());
        code.add(new Instruction.Load(size, false, 0, 7, length - size.bytes() + random.nextInt(-1, 3)));
    }

    private Instruction load(int register, Size size) {
        return new Instruction.Load(size, size != Size.DOUBLE && random.nextBoolean(), register, 10, -8 * random.nextInt(1, 5) +
                        random.nextInt(9 - size.bytes()));
    }

    /** @param function its slot, or -1 inside it */
    private Instruction instruction(int first, int end, int function) {
        int target = random.nextInt(10);
        boolean wide = random.nextBoolean();
        return switch (random.nextInt(pointers ? 24 : 17)) {
            case 0, 1, 2, 3, 4 -> new Instruction.Alu(pick(AluOperation.values()), wide, target, operand());
            case 5 -> new Instruction.Negate(wide, target);
            case 6 -> new Instruction.MoveSignExtended(wide, target, random.nextInt(10), wide ? pick(8, 16, 32) : pick(8, 16));
            case 7 -> new Instruction.SwapBytes(pick(ByteOrder.values()), target, pick(16, 32, 64));
            case 8 -> new Instruction.LoadConstant(target, limit());
            case 9, 10 -> load(target, pick(Size.values()));
            case 11, 12 -> {
                Size size = pick(Size.values());
                yield new Instruction.Store(size, 10, -8 * random.nextInt(1, 5) + random.nextInt(9 - size.bytes()), operand());
            }
            case 13, 14, 15 -> new Instruction.Branch(pick(Condition.values()), wide, target, operand(),
                            random.nextInt(3) == 0 ? random.nextInt(first, end) : random.nextInt(code.size(), Math.min(code.size() + 6, end)));
            case 16 -> function >= 0 && random.nextBoolean() ? new Instruction.CallLocal(function)
                            : new Instruction.Atomic(pick(AtomicOperation.values()), random.nextBoolean(), pick(Size.WORD, Size.DOUBLE), 10, -8,
                                            target);
            case 17 -> new Instruction.Load(Size.WORD, false, target, 6, pick(0, 4, 8, 12));
            case 18 -> new Instruction.Alu(pick(AluOperation.ADD, AluOperation.SUB, AluOperation.MOV), true, target, operand());
            case 19 -> new Instruction.Load(pick(Size.values()), false, target, random.nextInt(10), random.nextInt(-4, 20));
            case 20 -> new Instruction.Store(pick(Size.values()), random.nextInt(11), random.nextInt(-20, 20), operand());
            case 21 -> new Instruction.Branch(pick(Condition.LT, Condition.LE, Condition.GT, Condition.GE, Condition.EQ, Condition.NE), true,
                            target, operand(),
                            random.nextInt(code.size(), Math.min(code.size() + 6, end)));
            case 22 -> new Instruction.LoadMapValue(target, MAP, random.nextInt(VALUE_SIZE));
            default -> new Instruction.CallHelper(pick(5, 5, 44));
        };
    }

    private Operand operand() {
        return random.nextBoolean() ? new Register(random.nextInt(10 + (pointers ? 1 : 0))) : new Immediate((int) limit());
    }

    private long limit() {
        return random.nextInt(3) == 0 ? random.nextInt(-40, 40) : LIMITS[random.nextInt(LIMITS.length)];
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
