package org.trufflebpf.language.dwarf;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Finds the bytes of a variable by the expression that describes its place (DWARF 5, section 2.5). There are no jumps in those of a compiler for C,
 * so each step is done once; what has an operation that is not known here is nowhere.
 */
final class Expression {
    private static final int STACK = 64;
    private static final int REGISTERS = 11;

    private final Unit unit;
    private final LongFunction<Entry> types;
    private final byte[] frameBase;
    private final int frameBytes;
    private final Machine machine;
    private final long[] stack = new long[STACK];
    private int depth;
    /** What the expression has found that is no address: bytes in a register or in itself; null so far. */
    private byte[] found;

    private static final class Nowhere extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * @param types finds the entry of a type by its offset in .debug_info
     * @param frameBase the expression of the function, or null
     * @param frameBytes that it uses of its stack frame
     */
    Expression(Unit unit, LongFunction<Entry> types, byte[] frameBase, int frameBytes, Machine machine) {
        this.unit = unit;
        this.types = types;
        this.frameBase = frameBase;
        this.frameBytes = frameBytes;
        this.machine = machine;
    }

    /** The bytes of a variable of this size, or null when it has none at the moment. */
    byte[] value(byte[] expression, int size) throws MalformedDwarfException {
        try {
            ByteArrayOutputStream pieces = new ByteArrayOutputStream();
            Cursor in = new Cursor("an expression", expression, 0);
            boolean inPieces = false;
            while (in.hasMore()) {
                int operation = in.u8();
                if (operation == Operation.PIECE) {
                    long bytes = in.unsigned();
                    if (bytes < 0 || bytes > size - pieces.size()) {
                        return null;
                    }
                    pieces.writeBytes(take((int) bytes));
                    inPieces = true;
                } else {
                    step(operation, in);
                }
            }
            if (inPieces) {
                return pieces.size() == size ? pieces.toByteArray() : null;
            }
            return take(size);
        } catch (Nowhere e) {
            return null;
        }
    }

    private byte[] take(int size) throws Nowhere {
        byte[] bytes = found;
        if (bytes == null) {
            bytes = machine.read(pop(), size);
        } else if (bytes.length > size) {
            bytes = Arrays.copyOf(bytes, size);
        }
        found = null;
        depth = 0;
        if (bytes == null || bytes.length != size) {
            throw new Nowhere();
        }
        return bytes;
    }

    private void push(long value) throws Nowhere {
        if (depth == STACK) {
            throw new Nowhere();
        }
        stack[depth++] = value;
    }

    private long pop() throws Nowhere {
        if (depth == 0) {
            throw new Nowhere();
        }
        return stack[--depth];
    }

    private long register(long number) throws Nowhere {
        if (number < 0 || number >= REGISTERS) {
            throw new Nowhere();
        }
        return machine.register((int) number);
    }

    private static byte[] bytes(long value) {
        byte[] bytes = new byte[Long.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }

    private void step(int operation, Cursor in) throws Nowhere, MalformedDwarfException {
        if (operation >= Operation.LIT0 && operation <= Operation.LIT31) {
            push(operation - Operation.LIT0);
        } else if (operation >= Operation.REG0 && operation <= Operation.REG31) {
            found = bytes(register(operation - Operation.REG0));
        } else if (operation >= Operation.BREG0 && operation <= Operation.BREG31) {
            push(register(operation - Operation.BREG0) + in.signed());
        } else if (operation >= Operation.AND && operation <= Operation.NE) {
            calculate(operation, in);
        } else {
            special(operation, in);
        }
    }

    private void special(int operation, Cursor in) throws Nowhere, MalformedDwarfException {
        switch (operation) {
            case Operation.DEREF -> push(load(pop(), Long.BYTES));
            case Operation.CONST1U, Operation.CONST2U, Operation.CONST4U, Operation.CONST8U ->
                            push(in.number(1 << (operation - Operation.CONST1U) / 2));
            case Operation.CONST1S, Operation.CONST2S, Operation.CONST4S, Operation.CONST8S -> {
                int bytes = 1 << (operation - Operation.CONST1S) / 2;
                push(extend(in.number(bytes), bytes, true));
            }
            case Operation.CONSTU -> push(in.unsigned());
            case Operation.CONSTS -> push(in.signed());
            case Operation.DUP -> {
                long top = pop();
                push(top);
                push(top);
            }
            case Operation.DROP -> pop();
            case Operation.SWAP -> {
                long top = pop();
                long below = pop();
                push(top);
                push(below);
            }
            case Operation.REGX -> found = bytes(register(in.unsigned()));
            case Operation.FBREG -> {
                long offset = in.signed();
                // r10 is where the frame ends, and clang 19 counts from where the used part of it begins; what is counted from r10 is negative.
                push(base() + offset - (offset < 0 ? 0 : frameBytes));
            }
            case Operation.BREGX -> push(register(in.unsigned()) + in.signed());
            case Operation.DEREF_SIZE -> push(load(pop(), in.u8()));
            case Operation.NOP -> {
            }
            case Operation.IMPLICIT_VALUE -> found = in.bytes(in.unsigned());
            case Operation.STACK_VALUE -> found = bytes(pop());
            case Operation.CONVERT -> convert(types.apply(unit.start() + in.unsigned()));
            default -> throw new Nowhere();
        }
    }

    private void calculate(int operation, Cursor in) throws Nowhere, MalformedDwarfException {
        switch (operation) {
            case Operation.NEG -> push(-pop());
            case Operation.NOT -> push(~pop());
            case Operation.PLUS_UCONST -> push(pop() + in.unsigned());
            default -> {
                long right = pop();
                long left = pop();
                push(switch (operation) {
                    case Operation.AND -> left & right;
                    case Operation.DIV -> divide(left, right);
                    case Operation.MINUS -> left - right;
                    case Operation.MOD -> remainder(left, right);
                    case Operation.MUL -> left * right;
                    case Operation.OR -> left | right;
                    case Operation.PLUS -> left + right;
                    case Operation.SHL -> right >>> 6 == 0 ? left << right : 0;
                    case Operation.SHR -> right >>> 6 == 0 ? left >>> right : 0;
                    case Operation.SHRA -> left >> Math.clamp(right, 0, 63);
                    case Operation.XOR -> left ^ right;
                    case Operation.EQ -> left == right ? 1 : 0;
                    case Operation.GE -> left >= right ? 1 : 0;
                    case Operation.GT -> left > right ? 1 : 0;
                    case Operation.LE -> left <= right ? 1 : 0;
                    case Operation.LT -> left < right ? 1 : 0;
                    case Operation.NE -> left != right ? 1 : 0;
                    default -> throw new Nowhere();
                });
            }
        }
    }

    private static long divide(long left, long right) throws Nowhere {
        if (right == 0) {
            throw new Nowhere();
        }
        return left / right;
    }

    private static long remainder(long left, long right) throws Nowhere {
        if (right == 0) {
            throw new Nowhere();
        }
        return Long.remainderUnsigned(left, right);
    }

    private long load(long address, int size) throws Nowhere, MalformedDwarfException {
        byte[] bytes = size < 1 || size > Long.BYTES ? null : machine.read(address, size);
        if (bytes == null) {
            throw new Nowhere();
        }
        return new Cursor("memory", bytes, 0).number(size);
    }

    private void convert(Entry type) throws Nowhere {
        long size = type == null ? 0 : type.number(Code.AT_BYTE_SIZE, 0);
        if (size < 1 || size > Long.BYTES) {
            throw new Nowhere();
        }
        long encoding = type.number(Code.AT_ENCODING, 0);
        push(extend(pop(), (int) size, encoding == Code.ENCODING_SIGNED || encoding == Code.ENCODING_SIGNED_CHAR));
    }

    private static long extend(long value, int bytes, boolean signed) {
        int shift = Long.SIZE - 8 * bytes;
        return signed ? value << shift >> shift : value << shift >>> shift;
    }

    /** The frame base: clang says that it is r10. */
    private long base() throws Nowhere, MalformedDwarfException {
        if (frameBase == null || frameBase.length == 0) {
            throw new Nowhere();
        }
        int operation = frameBase[0] & 0xff;
        if (operation >= Operation.REG0 && operation <= Operation.REG31) {
            return register(operation - Operation.REG0);
        }
        byte[] address = new Expression(unit, types, null, 0, machine).value(frameBase, Long.BYTES);
        if (address == null) {
            throw new Nowhere();
        }
        return new Cursor("a frame base", address, 0).number(Long.BYTES);
    }
}
