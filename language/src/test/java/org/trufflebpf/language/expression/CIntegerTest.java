package org.trufflebpf.language.expression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.trufflebpf.language.expression.Expression.BinaryOperator;

/** Types and values as C's rules of conversion give them (C17 6.3.1), for an int of 32 bits and a long of 64. */
class CIntegerTest {
    private static CInteger u8(long value) {
        return new CInteger(value, 8, false);
    }

    private static CInteger u32(long value) {
        return new CInteger(value, 32, false);
    }

    private static CInteger u64(long value) {
        return CInteger.ofUnsignedLong(value);
    }

    private static CInteger s64(long value) {
        return CInteger.ofLong(value);
    }

    private static CInteger s32(int value) {
        return CInteger.ofInt(value);
    }

    private static CInteger is(CInteger left, BinaryOperator operator, CInteger right) {
        return CInteger.apply(operator, left, right);
    }

    @Test
    void valuesAreExtendedByTheirSign() {
        assertEquals(255, u8(-1).bits());
        assertEquals(-1, new CInteger(255, 8, true).bits());
        assertEquals(-1, new CInteger(7, 3, true).bits());
        assertEquals("18446744073709551615", u64(-1).toString());
        assertThrows(IllegalArgumentException.class, () -> new CInteger(0, 65, false));
        assertThrows(IllegalArgumentException.class, () -> new CInteger(0, 0, false));
    }

    @Test
    void smallTypesAreCalculatedAsInt() {
        assertEquals(s32(-1), is(u8(4), BinaryOperator.SUBTRACT, u8(5)));
        assertEquals(s32(-1), is(new CInteger(0, 3, false), BinaryOperator.SUBTRACT, u8(1)));
        assertEquals(s32(~5), u8(5).complement());
        assertEquals(s32(-5), u8(5).negated());
    }

    @Test
    void ofTwoTypesTheWiderAndTheUnsignedWin() {
        assertEquals(u32(0xffff_ffffL), is(u32(0), BinaryOperator.SUBTRACT, s32(1)));
        assertEquals(u64(-1), is(u64(0), BinaryOperator.SUBTRACT, s32(1)));
        assertEquals(s64(-1), is(s64(0), BinaryOperator.SUBTRACT, u32(1)));
        assertEquals(CInteger.ofTruth(false), is(s32(-1), BinaryOperator.LESS, u32(0)));
        assertEquals(CInteger.ofTruth(true), is(s64(-1), BinaryOperator.LESS, u32(0)));
        assertEquals(CInteger.ofTruth(true), is(s32(-1), BinaryOperator.EQUAL, u32(0xffff_ffffL)));
        assertEquals(CInteger.ofTruth(false), is(s64(-1), BinaryOperator.EQUAL, u32(0xffff_ffffL)));
        assertEquals(u64(1), is(s32(0), BinaryOperator.ADD, u64(1)));
    }

    @Test
    void unsignedNumbersOf64BitsStayWhatTheyAre() {
        assertEquals(u64(0x7fff_ffff_ffff_ffffL), is(u64(-1), BinaryOperator.DIVIDE, s32(2)));
        assertEquals(u64(5), is(u64(-1), BinaryOperator.REMAINDER, s32(10)));
        assertEquals(u64(1), is(u64(-1), BinaryOperator.SHIFT_RIGHT, s32(63)));
        assertEquals(s64(-1), is(s64(Long.MIN_VALUE), BinaryOperator.SHIFT_RIGHT, s32(63)));
        assertEquals(CInteger.ofTruth(true), is(u64(-1), BinaryOperator.GREATER, u64(1)));
        assertEquals(u64(-2), is(u64(-1), BinaryOperator.MULTIPLY, u64(2)));
    }

    /** The right operand does not widen the left. */
    @Test
    void shiftsHaveTheTypeOfWhatIsShifted() {
        assertEquals(s32(Integer.MIN_VALUE), is(s32(1), BinaryOperator.SHIFT_LEFT, u64(31)));
        assertEquals(u32(0), is(u32(0x8000_0000L), BinaryOperator.SHIFT_LEFT, s32(1)));
        assertFalse(CInteger.isDefined(BinaryOperator.SHIFT_LEFT, s32(1), s32(32)));
        assertFalse(CInteger.isDefined(BinaryOperator.SHIFT_RIGHT, u64(1), s32(-1)));
        assertFalse(CInteger.isDefined(BinaryOperator.REMAINDER, s32(1), u64(0)));
        assertThrows(ArithmeticException.class, () -> is(s32(1), BinaryOperator.DIVIDE, s32(0)));
    }

    @Test
    void theLeastNumberDividedByMinusOneWraps() {
        assertEquals(s32(Integer.MIN_VALUE), is(s32(Integer.MIN_VALUE), BinaryOperator.DIVIDE, s32(-1)));
        assertEquals(s64(Long.MIN_VALUE), is(s64(Long.MIN_VALUE), BinaryOperator.DIVIDE, s64(-1)));
    }

    @Test
    void bytesAreSwappedWithinTheType() {
        assertEquals(new CInteger(0x5000, 16, false), new CInteger(80, 16, false).swapped());
        assertEquals(u32(0x0200_000aL), u32(0x0a00_0002).swapped());
        assertEquals(u64(0x8877_6655_4433_2211L), u64(0x1122_3344_5566_7788L).swapped());
    }
}
