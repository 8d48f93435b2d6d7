package org.trufflebpf.language.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** All pairs of numbers of a few bits: what the operations give is covered, and for the exact ones nothing else is. */
class TnumTest {
    private static final int WIDTH = 4;
    private static final long ALL = (1 << WIDTH) - 1;

    private static List<Tnum> all() {
        List<Tnum> all = new ArrayList<>();
        for (long mask = 0; mask <= ALL; mask++) {
            for (long value = 0; value <= ALL; value++) {
                if ((value & mask) == 0) {
                    all.add(new Tnum(value, mask));
                }
            }
        }
        return all;
    }

    private static List<Long> members(Tnum tnum) {
        List<Long> members = new ArrayList<>();
        for (long number = 0; number <= ALL; number++) {
            if (tnum.contains(number)) {
                members.add(number);
            }
        }
        return members;
    }

    private static void check(BinaryOperator<Tnum> abstractly, LongBinaryOperator exactly, boolean isExact) {
        for (Tnum a : all()) {
            for (Tnum b : all()) {
                Tnum result = abstractly.apply(a, b);
                Tnum smallest = null;
                for (long x : members(a)) {
                    for (long y : members(b)) {
                        long number = exactly.applyAsLong(x, y);
                        assertTrue(result.contains(number), () -> a + " and " + b + " give " + result + " without " + number);
                        smallest = smallest == null ? Tnum.constant(number) : smallest.join(Tnum.constant(number));
                    }
                }
                if (isExact) {
                    assertEquals(smallest, result, () -> a + " and " + b);
                }
            }
        }
    }

    @Test
    void sumsAndBitOperationsAreExact() {
        check(Tnum::add, Long::sum, true);
        check(Tnum::subtract, (a, b) -> a - b, true);
        check(Tnum::and, (a, b) -> a & b, true);
        check(Tnum::or, (a, b) -> a | b, true);
        check(Tnum::xor, (a, b) -> a ^ b, true);
    }

    @Test
    void productsAreCovered() {
        check(Tnum::multiply, (a, b) -> a * b, false);
    }

    @Test
    void shiftsAreExact() {
        for (int count = 0; count < 64; count++) {
            int by = count;
            check((a, b) -> a.shiftLeft(by), (a, b) -> a << by, true);
            check((a, b) -> a.shiftLeft(60).shiftRight(by), (a, b) -> a << 60 >>> by, true);
            check((a, b) -> a.shiftLeft(60).shiftRightSigned(by), (a, b) -> a << 60 >> by, true);
        }
    }

    @Test
    void meetsAndJoins() {
        for (Tnum a : all()) {
            for (Tnum b : all()) {
                List<Long> common = members(a);
                common.retainAll(members(b));
                Tnum meet = a.meet(b);
                assertEquals(common, meet == null ? List.of() : members(meet));
                assertTrue(members(a.join(b)).containsAll(members(a)) && members(a.join(b)).containsAll(members(b)));
            }
        }
    }

    @Test
    void boundsGiveTheBitsAboveTheirDifference() {
        for (long min = 0; min <= ALL; min++) {
            for (long max = min; max <= ALL; max++) {
                Tnum between = Tnum.between(min, max);
                for (long number = min; number <= max; number++) {
                    assertTrue(between.contains(number));
                }
            }
        }
        assertEquals(new Tnum(0x10, 0xf), Tnum.between(0x10, 0x1f));
        assertEquals(Tnum.ANY, Tnum.between(0, -1));
    }

    @Test
    void conversions() {
        assertEquals(new Tnum(0x3400, 0xff), new Tnum(0x3400, 0xff).truncate());
        assertEquals(new Tnum(0, 0xffff_ffffL), Tnum.ANY.truncate());
        assertEquals(Tnum.constant(-2), Tnum.constant(0xfe).signExtend(8));
        assertEquals(new Tnum(0, -128), new Tnum(0, 0x80).signExtend(8));
        assertEquals(new Tnum(0x12L << 56, 0xffL << 48), new Tnum(0x12, 0xff00).reverseBytes());
    }
}
