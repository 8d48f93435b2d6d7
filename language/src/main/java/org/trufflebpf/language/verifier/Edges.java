package org.trufflebpf.language.verifier;

import java.util.function.BiConsumer;
import org.trufflebpf.language.cfg.Terminator;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Register;
import org.trufflebpf.language.verifier.Value.Kind;

/** What is known behind the end of a block: that of its comparison, which holds on one edge and does not on the other. */
final class Edges {
    /** No packet is longer, in bytes. */
    static final int MAX_PACKET = 0xffff;

    private Edges() {
    }

    /** Calls {@code visitor} with each block that can follow {@code end} and the state there, null where that cannot be. */
    static void forEach(Terminator terminator, State end, BiConsumer<Integer, State> visitor) {
        if (terminator instanceof Terminator.Branch branch) {
            visitor.accept(branch.taken(), refined(end, branch, branch.condition()));
            visitor.accept(branch.fallThrough(), branch.condition() == Condition.SET ? refinedUnset(end, branch)
                            : refined(end, branch, Refinement.negate(branch.condition())));
        } else {
            for (int successor : terminator.successors()) {
                visitor.accept(successor, end);
            }
        }
    }

    /** The state where the condition holds, or null when it cannot. */
    private static State refined(State state, Terminator.Branch branch, Condition condition) {
        State result = state.copy();
        result.identify(branch.left());
        Value left = result.register(branch.left());
        Value right = Transfer.operand(result, branch.right());
        if (branch.right() instanceof Register register) {
            result.identify(register.number());
            right = result.register(register.number());
        }
        Value newLeft = refine(condition, branch.wide(), left, right);
        Value newRight = refine(Refinement.mirror(condition), branch.wide(), right, left);
        if (newLeft == null || newRight == null || !result.refine(branch.left(), newLeft)) {
            return null;
        }
        if (branch.right() instanceof Register register && register.number() != branch.left() && !result.refine(register.number(), newRight)) {
            return null;
        }
        if (branch.wide()) {
            refinePacket(result, condition, left, right);
            refinePacket(result, Refinement.mirror(condition), right, left);
        }
        return result;
    }

    /** A packet pointer that is not beyond the packet's end shows how long the packet is; one to metadata ends at the packet's first byte. */
    private static void refinePacket(State state, Condition condition, Value pointer, Value end) {
        boolean isEnd = end.isAt(Kind.PACKET_END) && end.min() == 0;
        boolean isStart = pointer.id() == Value.META_ID && end.isAt(Kind.PACKET) && end.min() == 0;
        int more = condition == Condition.LT ? 1 : 0;
        if (!pointer.isOnly(Kind.PACKET) || condition != Condition.LT && condition != Condition.LE || !isEnd && !isStart) {
            return;
        }
        if (pointer.id() == Value.META_ID) {
            state.reaches(pointer, more);
        } else if (pointer.min() >= 0) {
            state.packetHas(pointer.min() == Long.MAX_VALUE ? pointer.min() : pointer.min() + more);
            state.reaches(pointer, more);
        }
    }

    private static State refinedUnset(State state, Terminator.Branch branch) {
        Value left = state.register(branch.left());
        Value mask = Transfer.operand(state, branch.right());
        if (!left.isOnly(Kind.SCALAR) || !mask.isOnly(Kind.SCALAR)) {
            return state;
        }
        State result = state.copy();
        result.identify(branch.left());
        Range unset = Refinement.unset(branch.wide(), left.range(), mask.range());
        return unset != null && result.refine(branch.left(), result.register(branch.left()).refined(unset)) ? result : null;
    }

    /** What is left of {@code left} where the condition holds; null for nothing. */
    private static Value refine(Condition condition, boolean wide, Value left, Value right) {
        if (wide && right.isConstant() && right.min() == 0) {
            if (left.may(Kind.NULL) && (condition == Condition.NE || condition == Condition.GT)) {
                return left.withoutNull();
            }
            if (condition == Condition.EQ && left.may(Kind.NULL)) {
                return Value.constant(0).withId(left.id(), left.delta());
            }
            if (condition == Condition.EQ && left.isNotZero()) {
                return null;
            }
        }
        if (wide && left.isOnly(Kind.PACKET) && right.isAt(Kind.PACKET_END) && right.min() == 0 &&
                        (condition == Condition.LE || condition == Condition.LT)) {
            Range inside = left.range().meet(Interval.signed(true, Long.MIN_VALUE, MAX_PACKET));
            return inside == null ? null : left.refined(inside);
        }
        if (!left.isOnly(Kind.SCALAR) || !right.isOnly(Kind.SCALAR)) {
            return left;
        }
        Range range = Refinement.holds(condition, wide, left.range(), right.range());
        return range == null ? null : left.refined(range);
    }
}
