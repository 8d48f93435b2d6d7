package org.trufflebpf.language.isa;

import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Condition;

/** What the operations compute (RFC 9669 sections 4.1 and 4.3): the operations that differ from Java's, and an evaluator for constants. */
public final class Arithmetic {
    private Arithmetic() {
    }

    /** Division by zero gives zero. */
    public static long divide(long left, long right) {
        return right == 0 ? 0 : Long.divideUnsigned(left, right);
    }

    public static int divide(int left, int right) {
        return right == 0 ? 0 : Integer.divideUnsigned(left, right);
    }

    /** MIN_VALUE / -1 gives MIN_VALUE, as in Java. */
    public static long divideSigned(long left, long right) {
        return right == 0 ? 0 : left / right;
    }

    public static int divideSigned(int left, int right) {
        return right == 0 ? 0 : left / right;
    }

    /** Modulo zero gives the left operand. */
    public static long modulo(long left, long right) {
        return right == 0 ? left : Long.remainderUnsigned(left, right);
    }

    public static int modulo(int left, int right) {
        return right == 0 ? left : Integer.remainderUnsigned(left, right);
    }

    public static long moduloSigned(long left, long right) {
        return right == 0 ? left : left % right;
    }

    public static int moduloSigned(int left, int right) {
        return right == 0 ? left : left % right;
    }

    /** A narrow operation works on the low halves and zero-extends its result. */
    public static long evaluate(AluOperation operation, boolean wide, long left, long right) {
        return wide ? evaluate(operation, left, right) : Integer.toUnsignedLong(evaluate(operation, (int) left, (int) right));
    }

    private static long evaluate(AluOperation operation, long left, long right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> divide(left, right);
            case SDIV -> divideSigned(left, right);
            case MOD -> modulo(left, right);
            case SMOD -> moduloSigned(left, right);
            case OR -> left | right;
            case AND -> left & right;
            case XOR -> left ^ right;
            case LSH -> left << right;
            case RSH -> left >>> right;
            case ARSH -> left >> right;
            case MOV -> right;
        };
    }

    private static int evaluate(AluOperation operation, int left, int right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> divide(left, right);
            case SDIV -> divideSigned(left, right);
            case MOD -> modulo(left, right);
            case SMOD -> moduloSigned(left, right);
            case OR -> left | right;
            case AND -> left & right;
            case XOR -> left ^ right;
            case LSH -> left << right;
            case RSH -> left >>> right;
            case ARSH -> left >> right;
            case MOV -> right;
        };
    }

    /** @param bits 8, 16 or 32 */
    public static long signExtend(long value, int bits) {
        return value << 64 - bits >> 64 - bits;
    }

    /** @param bits 16, 32 or 64 */
    public static long swap(ByteOrder order, long value, int bits) {
        long ordered = order == ByteOrder.LITTLE ? value << 64 - bits : Long.reverseBytes(value);
        return ordered >>> 64 - bits;
    }

    public static boolean test(Condition condition, boolean wide, long left, long right) {
        long a = wide ? left : (int) left;
        long b = wide ? right : (int) right;
        return switch (condition) {
            case EQ -> a == b;
            case NE -> a != b;
            case GT -> Long.compareUnsigned(a, b) > 0;
            case GE -> Long.compareUnsigned(a, b) >= 0;
            case LT -> Long.compareUnsigned(a, b) < 0;
            case LE -> Long.compareUnsigned(a, b) <= 0;
            case SGT -> a > b;
            case SGE -> a >= b;
            case SLT -> a < b;
            case SLE -> a <= b;
            case SET -> (a & b) != 0;
        };
    }
}
