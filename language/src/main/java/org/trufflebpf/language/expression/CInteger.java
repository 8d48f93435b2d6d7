package org.trufflebpf.language.expression;

import org.trufflebpf.language.expression.Expression.BinaryOperator;

/**
 * An integer of C with its type. What calculates with it is as C says for a machine with an int of 32 bits and a long of 64, and wraps where C says
 * nothing.
 *
 * @param bits extended to 64 by the sign if it is signed, otherwise by zeros
 * @param width of the type in bits, 1 to 64
 */
public record CInteger(long bits, int width, boolean signed) {
    private static final CInteger TRUE = ofInt(1);
    private static final CInteger FALSE = ofInt(0);

    public CInteger {
        if (width < 1 || width > Long.SIZE) {
            throw new IllegalArgumentException("no integer has " + width + " bits");
        }
        int unused = Long.SIZE - width;
        bits = signed ? bits << unused >> unused : bits << unused >>> unused;
    }

    public static CInteger ofInt(int value) {
        return new CInteger(value, Integer.SIZE, true);
    }

    public static CInteger ofLong(long value) {
        return new CInteger(value, Long.SIZE, true);
    }

    public static CInteger ofUnsignedLong(long bits) {
        return new CInteger(bits, Long.SIZE, false);
    }

    /** What comparisons give: an int of 1 or 0. */
    public static CInteger ofTruth(boolean truth) {
        return truth ? TRUE : FALSE;
    }

    public boolean isTrue() {
        return bits != 0;
    }

    /** What C calculates with: an int for what an int can hold all values of, and for wider bit-fields the type that they are declared with. */
    public CInteger promoted() {
        if (width < Integer.SIZE || width == Integer.SIZE && signed) {
            return new CInteger(bits, Integer.SIZE, true);
        }
        return width == Integer.SIZE ? this : new CInteger(bits, Long.SIZE, signed);
    }

    /** The value as the common type of both, after promotion. */
    public CInteger convertedWith(CInteger other) {
        CInteger mine = promoted();
        CInteger others = other.promoted();
        if (mine.width == others.width) {
            return new CInteger(mine.bits, mine.width, mine.signed && others.signed);
        }
        CInteger wider = mine.width > others.width ? mine : others;
        return new CInteger(mine.bits, wider.width, wider.signed);
    }

    public CInteger negated() {
        CInteger value = promoted();
        return new CInteger(-value.bits, value.width, value.signed);
    }

    public CInteger complement() {
        CInteger value = promoted();
        return new CInteger(~value.bits, value.width, value.signed);
    }

    /** The type's bytes in reverse order. */
    public CInteger swapped() {
        return new CInteger(Long.reverseBytes(bits) >>> Long.SIZE - width, width, signed);
    }

    /** Whether {@link #apply} has a result: not for divisors of 0 and shifts by less than 0 or by the width or more. */
    public static boolean isDefined(BinaryOperator operator, CInteger left, CInteger right) {
        return switch (operator) {
            case DIVIDE, REMAINDER -> right.bits != 0;
            case SHIFT_LEFT, SHIFT_RIGHT -> right.bits >= 0 && right.bits < left.promoted().width;
            default -> true;
        };
    }

    /** @throws ArithmeticException where {@link #isDefined} says no */
    public static CInteger apply(BinaryOperator operator, CInteger left, CInteger right) {
        if (!isDefined(operator, left, right)) {
            throw new ArithmeticException(left.bits + " " + operator.symbol() + " " + right.bits + " is not defined");
        }
        CInteger a = operator == BinaryOperator.SHIFT_LEFT || operator == BinaryOperator.SHIFT_RIGHT ? left.promoted() : left.convertedWith(right);
        long x = a.bits;
        long y = right.convertedWith(left).bits;
        return switch (operator) {
            case OR -> ofTruth(left.isTrue() || right.isTrue());
            case AND -> ofTruth(left.isTrue() && right.isTrue());
            case EQUAL -> ofTruth(x == y);
            case UNEQUAL -> ofTruth(x != y);
            case LESS -> ofTruth(a.compare(x, y) < 0);
            case AT_MOST -> ofTruth(a.compare(x, y) <= 0);
            case GREATER -> ofTruth(a.compare(x, y) > 0);
            case AT_LEAST -> ofTruth(a.compare(x, y) >= 0);
            case BIT_OR -> a.with(x | y);
            case BIT_XOR -> a.with(x ^ y);
            case BIT_AND -> a.with(x & y);
            case SHIFT_LEFT -> a.with(x << right.bits);
            case SHIFT_RIGHT -> a.with(a.signed ? x >> right.bits : x >>> right.bits);
            case ADD -> a.with(x + y);
            case SUBTRACT -> a.with(x - y);
            case MULTIPLY -> a.with(x * y);
            case DIVIDE -> a.with(a.signed ? x / y : Long.divideUnsigned(x, y));
            case REMAINDER -> a.with(a.signed ? x % y : Long.remainderUnsigned(x, y));
        };
    }

    private int compare(long x, long y) {
        return signed ? Long.compare(x, y) : Long.compareUnsigned(x, y);
    }

    private CInteger with(long result) {
        return new CInteger(result, width, signed);
    }

    @Override
    public String toString() {
        return signed ? Long.toString(bits) : Long.toUnsignedString(bits);
    }
}
