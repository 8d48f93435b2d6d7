package org.trufflebpf.language.dwarf;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Finds the bytes of a variable by the expression that describes its place (DWARF 5, section 2.5). There are no jumps in those of a compiler for C, so
 * each step is done once; what has an operation that is not known here is nowhere.
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
                if (operation == 0x93) {
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
        if (operation >= 0x30 && operation <= 0x4f) {
            push(operation - 0x30);
        } else if (operation >= 0x50 && operation <= 0x6f) {
            found = bytes(register(operation - 0x50));
        } else if (operation >= 0x70 && operation <= 0x8f) {
            push(register(operation - 0x70) + in.signed());
        } else if (operation >= 0x1a && operation <= 0x2e) {
            calculate(operation, in);
        } else {
            special(operation, in);
        }
    }

    private void special(int operation, Cursor in) throws Nowhere, MalformedDwarfException {
        switch (operation) {
            case 0x06 -> push(load(pop(), Long.BYTES));
            case 0x08, 0x0a, 0x0c, 0x0e -> push(in.number(1 << (operation - 0x08) / 2));
            case 0x09, 0x0b, 0x0d, 0x0f -> {
                int bytes = 1 << (operation - 0x09) / 2;
                push(extend(in.number(bytes), bytes, true));
            }
            case 0x10 -> push(in.unsigned());
            case 0x11 -> push(in.signed());
            case 0x12 -> {
                long top = pop();
                push(top);
                push(top);
            }
            case 0x13 -> pop();
            case 0x16 -> {
                long top = pop();
                long below = pop();
                push(top);
                push(below);
            }
            case 0x90 -> found = bytes(register(in.unsigned()));
            case 0x91 -> {
                long offset = in.signed();
                // r10 is where the frame ends, and clang 19 counts from where the used part of it begins; what is counted from r10 is negative.
                push(base() + offset - (offset < 0 ? 0 : frameBytes));
            }
            case 0x92 -> push(register(in.unsigned()) + in.signed());
            case 0x94 -> push(load(pop(), in.u8()));
            case 0x96 -> {
            }
            case 0x9e -> found = in.bytes(in.unsigned());
            case 0x9f -> found = bytes(pop());
            case 0xa8 -> convert(types.apply(unit.start() + in.unsigned()));
            default -> throw new Nowhere();
        }
    }

    private void calculate(int operation, Cursor in) throws Nowhere, MalformedDwarfException {
        switch (operation) {
            case 0x1f -> push(-pop());
            case 0x20 -> push(~pop());
            case 0x23 -> push(pop() + in.unsigned());
            default -> {
                long right = pop();
                long left = pop();
                push(switch (operation) {
                    case 0x1a -> left & right;
                    case 0x1b -> divide(left, right);
                    case 0x1c -> left - right;
                    case 0x1d -> remainder(left, right);
                    case 0x1e -> left * right;
                    case 0x21 -> left | right;
                    case 0x22 -> left + right;
                    case 0x24 -> right >>> 6 == 0 ? left << right : 0;
                    case 0x25 -> right >>> 6 == 0 ? left >>> right : 0;
                    case 0x26 -> left >> Math.clamp(right, 0, 63);
                    case 0x27 -> left ^ right;
                    case 0x29 -> left == right ? 1 : 0;
                    case 0x2a -> left >= right ? 1 : 0;
                    case 0x2b -> left > right ? 1 : 0;
                    case 0x2c -> left <= right ? 1 : 0;
                    case 0x2d -> left < right ? 1 : 0;
                    case 0x2e -> left != right ? 1 : 0;
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

    private long load(long address, int size) throws Nowhere {
        byte[] bytes = size < 1 || size > Long.BYTES ? null : machine.read(address, size);
        if (bytes == null) {
            throw new Nowhere();
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes[i] & 0xffL) << 8 * i;
        }
        return value;
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
        if (operation >= 0x50 && operation <= 0x6f) {
            return register(operation - 0x50);
        }
        byte[] address = new Expression(unit, types, null, 0, machine).value(frameBase, Long.BYTES);
        if (address == null) {
            throw new Nowhere();
        }
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value |= (address[i] & 0xffL) << 8 * i;
        }
        return value;
    }
}
