package org.trufflebpf.language.verifier;

import org.trufflebpf.language.isa.Instruction;
import org.trufflebpf.language.isa.Instruction.AluOperation;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.verifier.Value.Kind;

/** What arithmetic on registers does to what is known. */
final class AluTransfer {
    private AluTransfer() {
    }

    static void move(State state, Instruction.Alu move) {
        Value source = Transfer.operand(state, move.source());
        boolean whole = move.wide() || source.truncated() == source && source.isOnly(Kind.SCALAR);
        if (whole && move.source() instanceof Register register) {
            state.identify(register.number());
            source = state.register(register.number());
        }
        state.setRegister(move.target(), whole ? source : source.truncated());
    }

    static boolean isPacketSum(Instruction.Alu sum, State state) {
        return sum.operation() == AluOperation.ADD && sum.wide() && sum.source() instanceof Register source &&
                        state.register(sum.target()).isOnly(Kind.PACKET) &&
                        state.register(source.number()).isOnly(Kind.SCALAR) && !state.register(source.number()).isConstant();
    }

    /** The same sum has the same id wherever it is made, so that the pointer that was compared need not be the one that is used. */
    static void packetSum(State state, int target, int source) {
        state.identify(target);
        state.identify(source);
        Value pointer = state.register(target);
        Value distance = state.register(source);
        boolean isFixed = pointer.id() == 0;
        long delta = (isFixed ? pointer.min() : pointer.delta()) + distance.delta();
        Value sum = moved(AluOperation.ADD, pointer, distance);
        state.setRegister(target, delta == (int) delta ? sum.withId(state.sumId(pointer.id(), distance.id()), delta) : sum);
    }

    static Value alu(AluOperation operation, boolean wide, Value left, Value right) {
        boolean sums = operation == AluOperation.ADD || operation == AluOperation.SUB;
        Value result = wide && sums && (left.mayBePointer() || right.mayBePointer()) ? pointerArithmetic(operation, left, right)
                        : Value.scalar(left.asScalar().range().evaluate(operation, wide, right.asScalar().range()));
        if (!sums || !wide && !isExact(operation, left, right)) {
            return result;
        }
        if (right.isConstant()) {
            return displaced(result, left, operation == AluOperation.ADD ? right.min() : -right.min());
        }
        return operation == AluOperation.ADD && left.isConstant() ? displaced(result, right, left.min()) : result;
    }

    /** Whether a narrow sum is what a wide one would be. */
    private static boolean isExact(AluOperation operation, Value left, Value right) {
        if (!left.isOnly(Kind.SCALAR) || !right.isOnly(Kind.SCALAR) || left.truncated() != left) {
            return false;
        }
        Range distance = Range.constant((int) right.min());
        return right.isConstant() && Range.unsigned(32).contains(left.range().evaluate(operation, true, distance));
    }

    /** A result that is a known distance from a value with an id. */
    private static Value displaced(Value result, Value from, long distance) {
        long delta = from.delta() + distance;
        boolean plain = result.isOnly(Kind.SCALAR) || result.isOnly(Kind.PACKET) || result.isOnly(Kind.MAP_VALUE);
        return from.id() != 0 && plain && delta == (int) delta ? result.withId(from.id(), delta) : result;
    }

    private static Value pointerArithmetic(AluOperation operation, Value left, Value right) {
        if (!right.mayBePointer()) {
            return moved(operation, left, right);
        }
        if (!left.mayBePointer() && operation == AluOperation.ADD) {
            return moved(operation, right, left);
        }
        if (operation == AluOperation.SUB && !left.mayBeNumber() && !right.mayBeNumber()) {
            // A distance, such as the packet's length.
            return Value.ANY_SCALAR;
        }
        Value joined = left.join(right).join(Value.ANY_SCALAR);
        return joined.withoutBounds();
    }

    /** A pointer, or what may be one, and a number. */
    private static Value moved(AluOperation operation, Value pointer, Value distance) {
        if (pointer.may(Kind.NULL) || pointer.may(Kind.SCALAR)) {
            return pointer.join(Value.ANY_SCALAR).withoutBounds();
        }
        return pointer.at(pointer.range().evaluate(operation, true, distance.asScalar().range()));
    }

    static void signExtend(State state, Instruction.MoveSignExtended move) {
        Value source = state.register(move.source());
        Range extended = source.asScalar().range().signExtend(move.bits());
        if (source.isOnly(Kind.SCALAR) && extended.equals(source.range()) && (move.wide() || source.truncated() == source)) {
            state.identify(move.source());
            state.setRegister(move.target(), state.register(move.source()));
        } else {
            state.setRegister(move.target(), Value.scalar(move.wide() ? extended : extended.truncate()));
        }
    }
}
