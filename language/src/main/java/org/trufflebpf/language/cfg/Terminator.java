package org.trufflebpf.language.cfg;

import java.util.function.IntUnaryOperator;
import org.trufflebpf.language.isa.Instruction.Condition;
import org.trufflebpf.language.isa.Instruction.Operand;

/** How a block ends. Targets are block numbers. */
public sealed interface Terminator {

    record Goto(int target) implements Terminator {
    }

    record Branch(Condition condition, boolean wide, int left, Operand right, int taken, int fallThrough) implements Terminator {
    }

    /** Goes to {@code exhausted} once the loop budget of the packet is used up (may_goto). */
    record Budget(int exhausted, int fallThrough) implements Terminator {
    }

    /** The end of the program; r0 is its result. */
    record Exit() implements Terminator {
    }

    /** Block numbers that follow, in order; a number may stand twice. */
    default int[] successors() {
        return switch (this) {
            case Goto jump -> new int[]{jump.target()};
            case Branch branch -> new int[]{branch.taken(), branch.fallThrough()};
            case Budget budget -> new int[]{budget.exhausted(), budget.fallThrough()};
            case Exit exit -> new int[0];
        };
    }

    /** The same end with each target replaced. */
    default Terminator retarget(IntUnaryOperator replacement) {
        return switch (this) {
            case Goto jump -> new Goto(replacement.applyAsInt(jump.target()));
            case Branch branch -> new Branch(branch.condition(), branch.wide(), branch.left(), branch.right(),
                            replacement.applyAsInt(branch.taken()), replacement.applyAsInt(branch.fallThrough()));
            case Budget budget -> new Budget(replacement.applyAsInt(budget.exhausted()), replacement.applyAsInt(budget.fallThrough()));
            case Exit exit -> exit;
        };
    }
}
