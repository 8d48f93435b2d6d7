package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.trufflebpf.language.isa.Arithmetic;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.ByteOrder;
import org.trufflebpf.language.isa.Instruction.Condition;

/** Ranges cover what the operations can give and keep what comparisons let: over numbers at random, of all magnitudes and near all limits. */
class RangeTest {
    private static final int CASES = 1_500_000;

    @Test
    void operationsStayInside() {
        Random random = new Random(1);
        for (int i = 0; i < CASES; i++) {
            AluOperation operation = AluOperation.values()[random.nextInt(AluOperation.values().length)];
            boolean wide = random.nextBoolean();
            long a = number(random);
            long b = isShift(operation) && random.nextInt(4) != 0 ? random.nextInt(64) : number(random);
            Range left = around(random, a);
            Range right = around(random, b);
            Range result = operation == AluOperation.MOV ? wide ? right : right.truncate() : left.evaluate(operation, wide, right);
            long exact = Arithmetic.evaluate(operation, wide, a, b);
            if (!result.contains(exact)) {
                fail(a + " " + operation + (wide ? " " : " narrow ") + b + " = " + exact + ", not in " + result + " of " + left + " and " + right);
            }
        }
    }

    private static boolean isShift(AluOperation operation) {
        return operation == AluOperation.LSH || operation == AluOperation.RSH || operation == AluOperation.ARSH;
    }

    @Test
    void conversionsStayInside() {
        Random random = new Random(4);
        for (int i = 0; i < CASES / 4; i++) {
            long a = number(random);
            Range range = around(random, a);
            int bits = 8 << random.nextInt(3);
            ByteOrder order = ByteOrder.values()[random.nextInt(ByteOrder.values().length)];
            assertTrue(range.truncate().contains(a & 0xffff_ffffL), () -> a + " " + range + " truncated " + range.truncate());
            assertTrue(range.signExtend(bits).contains(Arithmetic.signExtend(a, bits)), () -> a + " " + range + " extended "
                    + range.signExtend(bits));
            assertTrue(range.lowest(bits).contains(a & (1L << bits) - 1), () -> a + " " + range + " lowest " + range.lowest(bits));
            assertTrue(range.swap(order, 2 * bits).contains(Arithmetic.swap(order, a, 2 * bits)), () -> a + " " + range + " " + order);
        }
    }

    @Test
    void comparisonsKeepWhatTheyLet() {
        Random random = new Random(2);
        for (int i = 0; i < CASES; i++) {
            long a = number(random);
            long b = random.nextInt(3) == 0 ? a + random.nextInt(-2, 3) : number(random);
            Range left = around(random, a);
            Range right = around(random, b);
            Condition condition = Condition.values()[random.nextInt(Condition.values().length)];
            boolean wide = random.nextBoolean();
            boolean holds = Arithmetic.test(condition, wide, a, b);
            Condition known = holds ? condition : Refinement.negate(condition);
            Range newLeft = known == null ? Refinement.unset(wide, left, right) : Refinement.holds(known, wide, left, right);
            Range newRight = known == null ? right : Refinement.holds(Refinement.mirror(known), wide, right, left);
            if (newLeft == null || !newLeft.contains(a) || newRight == null || !newRight.contains(b)) {
                fail(a + " " + known + (wide ? " " : " narrow ") + b + " holds, but " + left + " and " + right + " become " + newLeft + " and "
                        + newRight);
            }
        }
    }

    @Test
    void joinsAndMeetsCover() {
        Random random = new Random(3);
        for (int i = 0; i < CASES / 4; i++) {
            long a = number(random);
            Range left = around(random, a);
            Range right = around(random, random.nextBoolean() ? a : number(random));
            Range join = left.join(right);
            assertTrue(join.contains(a) && join.equals(right.join(left)) && join.join(left).equals(join), () -> left + " and " + right + " give "
                    + join);
            Range both = left.meet(right);
            assertTrue(!right.contains(a) || both != null && both.contains(a), () -> left + " and " + right + " have " + both + " in common, not "
                    + a);
        }
    }

    @Test
    void whatOnePartKnowsTheOthersKnow() {
        Range masked = Range.ANY.evaluate(AluOperation.AND, true, Range.constant(0xf8));
        assertEquals(List.of(0L, 0xf8L), List.of(masked.min(), masked.max()));
        assertEquals(new Tnum(0, 0xf8), masked.bits());
        Range aligned = Refinement.holds(Condition.LT, true, masked, Range.constant(20));
        assertEquals(List.of(0L, 16L), List.of(aligned.min() & ~7L, aligned.bits().max() & aligned.max() & ~7L));
        assertTrue(aligned.contains(16) && !aligned.contains(17) && !aligned.contains(24));
        Range narrow = Refinement.holds(Condition.LE, false, Range.ANY, Range.constant(9)).truncate();
        assertEquals(List.of(0L, 9L), List.of(narrow.min(), narrow.max()));
        assertNull(Refinement.holds(Condition.SET, true, masked, Range.constant(7)));
        assertNull(Refinement.holds(Condition.EQ, true, masked, Range.constant(3)));
        assertEquals(Range.constant(8),
                Refinement.holds(Condition.SET, true, Range.between(0, 15).evaluate(AluOperation.AND, true, Range.constant(8)),
                        Range.constant(8)));
        assertEquals(Range.constant(0), Refinement.unset(true, masked, Range.constant(0xff)));
        Range half = Refinement.holds(Condition.SGE, false, Range.unsigned(32), Range.constant(0));
        assertEquals(List.of(0L, (long) Integer.MAX_VALUE), List.of(half.min(), half.max()));
    }

    /** A range that has {@code number} in it. */
    private static Range around(Random random, long number) {
        Range range = switch (random.nextInt(5)) {
            case 0 -> Range.constant(number);
            case 1 -> Range.ANY;
            case 2 -> Range.constant(number).join(Range.constant(number(random)));
            default -> Range.constant(number).join(Range.constant(number + random.nextInt(-1000, 1000)));
        };
        for (int i = random.nextInt(3); i > 0; i--) {
            range = switch (random.nextInt(4)) {
                case 0 -> range.meet(new Tnum(number & ~number(random), 0).join(Tnum.constant(number)));
                case 1 -> range.meet(Interval.signed(true, Math.min(number, number(random)), Math.max(number, number(random))));
                case 2 -> range.meet(Interval.unsigned(false, Math.min(number & 0xffff_ffffL, number(random) & 0xffff_ffffL), 0xffff_ffffL));
                default -> {
                    long other = number(random);
                    yield range.meet(Interval.unsigned(true, Interval.minUnsigned(number, other), Interval.maxUnsigned(number, other)));
                }
            };
        }
        return range;
    }

    /** All magnitudes are as likely. */
    private static long number(Random random) {
        long number = random.nextLong() >> random.nextInt(64);
        return random.nextInt(4) == 0 ? Long.highestOneBit(number) + random.nextInt(-1, 2) : number;
    }
}
