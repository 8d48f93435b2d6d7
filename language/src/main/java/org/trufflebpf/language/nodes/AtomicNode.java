package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.isa.Instruction.AtomicOperation;
import org.trufflebpf.language.isa.Instruction.Size;

/**
 * An atomic read-modify-write (RFC 9669 section 5.3); gives the old value. On words in frame slots, which no other thread sees, it is plain.
 */
abstract class AtomicNode extends ExpressionNode {
    final AtomicOperation operation;
    final boolean wide;
    @Child ExpressionNode operand;
    /** What COMPARE_EXCHANGE compares with: r0; else null. */
    @Child ExpressionNode expected;

    AtomicNode(AtomicOperation operation, Size size, ExpressionNode operand, ExpressionNode expected) {
        this.operation = operation;
        this.wide = size == Size.DOUBLE;
        this.operand = operand;
        this.expected = expected;
    }

    final long combine(long old, long value) {
        if (operation == AtomicOperation.ADD) {
            return old + value;
        }
        if (operation == AtomicOperation.OR) {
            return old | value;
        }
        if (operation == AtomicOperation.AND) {
            return old & value;
        }
        return operation == AtomicOperation.XOR ? old ^ value : value;
    }

    static final class InMemory extends AtomicNode {
        @Child private ExpressionNode address;

        InMemory(AtomicOperation operation, Size size, ExpressionNode address, ExpressionNode operand, ExpressionNode expected) {
            super(operation, size, operand, expected);
            this.address = address;
        }

        @Override
        public long execute(VirtualFrame frame) {
            long place = address.execute(frame);
            long value = operand.execute(frame);
            return wide ? executeDouble(frame, place, value) : Integer.toUnsignedLong(executeWord(frame, place, (int) value));
        }

        private long executeDouble(VirtualFrame frame, long place, long value) {
            if (operation == AtomicOperation.ADD) {
                return Memory.getAndAddLong(place, value);
            }
            if (operation == AtomicOperation.EXCHANGE) {
                return Memory.getAndSetLong(place, value);
            }
            if (operation == AtomicOperation.COMPARE_EXCHANGE) {
                return Memory.compareAndExchangeLong(place, expected.execute(frame), value);
            }
            long old;
            do {
                old = Memory.getLongVolatile(place);
            } while (!Memory.compareAndSetLong(place, old, combine(old, value)));
            return old;
        }

        private int executeWord(VirtualFrame frame, long place, int value) {
            if (operation == AtomicOperation.ADD) {
                return Memory.getAndAddInt(place, value);
            }
            if (operation == AtomicOperation.EXCHANGE) {
                return Memory.getAndSetInt(place, value);
            }
            if (operation == AtomicOperation.COMPARE_EXCHANGE) {
                return Memory.compareAndExchangeInt(place, (int) expected.execute(frame), value);
            }
            int old;
            do {
                old = Memory.getIntVolatile(place);
            } while (!Memory.compareAndSetInt(place, old, (int) combine(old, value)));
            return old;
        }
    }

    static final class InSlot extends AtomicNode {
        @Child private ExpressionNode read;
        private final int slot;
        private final int shift;
        private final long mask;

        /** @param first the first byte's place in the word */
        InSlot(AtomicOperation operation, Size size, int slot, int first, ExpressionNode operand, ExpressionNode expected) {
            super(operation, size, operand, expected);
            this.read = new SlotNodes.ReadPart(slot, first, size.bytes(), false);
            this.slot = slot;
            this.shift = 8 * first;
            this.mask = -1L >>> 64 - 8 * size.bytes();
        }

        @Override
        public long execute(VirtualFrame frame) {
            long old = read.execute(frame);
            long value = combine(old, operand.execute(frame));
            if (operation != AtomicOperation.COMPARE_EXCHANGE || old == (expected.execute(frame) & mask)) {
                frame.setLongStatic(slot, frame.getLongStatic(slot) & ~(mask << shift) | (value & mask) << shift);
            }
            return old;
        }
    }
}
