package org.trufflebpf.language.optimizer;

import java.util.Arrays;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;

/**
 * What a register holds, as far as its block shows it.
 *
 * @param number identifies the number; equal ones are equal numbers
 * @param root with {@code delta}, the number as the sum of an earlier one and a constant, which is what most addresses are
 * @param parts its bytes, lowest first
 * @param sum the number as a sum of loaded numbers, or null
 */
record Contents(int number, int root, long delta, Part[] parts, Sum sum) {
    /** Of constants, which are no addresses. */
    static final int NO_ROOT = 0;
    static final int BYTES = Long.BYTES;

    /** @param narrow whether its upper half is known to be zero */
    static Contents unknown(int number, boolean narrow) {
        return new Contents(number, number, 0, ownParts(number, narrow ? 4 : BYTES), null);
    }

    static Contents constant(long value) {
        Part[] parts = new Part[BYTES];
        Arrays.setAll(parts, i -> new Part.Constant((int) (value >>> 8 * i) & 0xff));
        return new Contents(NO_ROOT, NO_ROOT, 0, parts, null);
    }

    /** @param parts at most 8; zeros follow */
    static Contents of(int number, Part[] parts) {
        Part[] all = Arrays.copyOf(parts, BYTES);
        Arrays.fill(all, parts.length, BYTES, Part.ZERO);
        return new Contents(number, number, 0, all, null);
    }

    private static Part[] ownParts(int number, int bytes) {
        Part[] parts = new Part[BYTES];
        Arrays.setAll(parts, i -> i < bytes ? new Part.OfNumber(number, i) : Part.ZERO);
        return parts;
    }

    /** The same plus a constant; {@code newNumber} identifies it. */
    Contents moved(int newNumber, long distance) {
        return new Contents(newNumber, root, delta + distance, ownParts(newNumber, BYTES), null);
    }

    Contents withSum(Sum newSum) {
        return new Contents(number, root, delta, parts, newSum);
    }

    boolean isConstant() {
        return isConstant(parts);
    }

    static boolean isConstant(Part[] parts) {
        return Arrays.stream(parts).allMatch(part -> part instanceof Part.Constant);
    }

    long constant() {
        return constant(parts);
    }

    static long constant(Part[] parts) {
        long value = 0;
        for (int i = parts.length - 1; i >= 0; i--) {
            value = value << 8 | ((Part.Constant) parts[i]).value();
        }
        return value;
    }

    boolean isNarrow() {
        return Arrays.equals(parts, 4, BYTES, new Part[]{Part.ZERO, Part.ZERO, Part.ZERO, Part.ZERO}, 0, 4);
    }

    /** How many of the low bytes may be something else than zero. */
    int length() {
        int length = BYTES;
        while (length > 0 && parts[length - 1].equals(Part.ZERO)) {
            length--;
        }
        return length;
    }

    /** The bytes of an operation that only moves bytes, or null when it does more. */
    static Part[] evaluate(AluOperation operation, boolean wide, Contents left, Contents right) {
        Part[] a = low(left, wide);
        Part[] b = low(right, wide);
        return switch (operation) {
            case MOV -> b;
            case OR, XOR, ADD -> disjoint(a, b);
            case AND -> right.isConstant() ? masked(a, b) : left.isConstant() ? masked(b, a) : null;
            case LSH -> shift(right, wide) < 0 ? null : shifted(a, shift(right, wide) / 8);
            case RSH -> shift(right, wide) < 0 ? null : shifted(a, -shift(right, wide) / 8);
            case SUB, MUL, DIV, SDIV, MOD, SMOD, ARSH -> null;
        };
    }

    static Part[] swapped(ByteOrder order, Contents value, int bits) {
        Part[] parts = Arrays.copyOf(value.parts, bits / 8);
        if (order != ByteOrder.LITTLE) {
            for (int i = 0; i < parts.length; i++) {
                parts[i] = value.parts[parts.length - 1 - i];
            }
        }
        return parts;
    }

    private static Part[] low(Contents value, boolean wide) {
        return Arrays.copyOf(value.parts, wide ? BYTES : 4);
    }

    private static int shift(Contents count, boolean wide) {
        long bits = count.isConstant() ? count.constant() & (wide ? 63 : 31) : -1;
        return bits % 8 == 0 ? (int) bits : -1;
    }

    private static Part[] shifted(Part[] parts, int distance) {
        Part[] result = new Part[parts.length];
        Arrays.setAll(result, i -> i - distance >= 0 && i - distance < parts.length ? parts[i - distance] : Part.ZERO);
        return result;
    }

    private static Part[] disjoint(Part[] a, Part[] b) {
        Part[] result = new Part[a.length];
        for (int i = 0; i < a.length; i++) {
            if (!a[i].equals(Part.ZERO) && !b[i].equals(Part.ZERO)) {
                return null;
            }
            result[i] = a[i].equals(Part.ZERO) ? b[i] : a[i];
        }
        return result;
    }

    private static Part[] masked(Part[] parts, Part[] mask) {
        Part[] result = new Part[parts.length];
        for (int i = 0; i < parts.length; i++) {
            int bits = ((Part.Constant) mask[i]).value();
            if (bits != 0 && bits != 0xff && !parts[i].equals(Part.ZERO)) {
                return null;
            }
            result[i] = bits == 0xff ? parts[i] : Part.ZERO;
        }
        return result;
    }
}
