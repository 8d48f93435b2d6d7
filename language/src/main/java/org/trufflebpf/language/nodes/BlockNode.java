package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.Node;

/** A basic block: statements, then on to {@link #next}, or to {@link #taken} where {@link #condition} holds. */
final class BlockNode extends Node {
    /** The block number that ends the program. */
    static final int EXIT = -1;

    @Children private final StatementNode[] statements;
    /** Null when the block always goes to {@link #next}. */
    @Child ConditionNode condition;
    final int taken;
    final int next;

    BlockNode(StatementNode[] statements, ConditionNode condition, int taken, int next) {
        this.statements = statements;
        this.condition = condition;
        this.taken = taken;
        this.next = next;
    }

    @ExplodeLoop
    void execute(VirtualFrame frame) {
        for (StatementNode statement : statements) {
            statement.execute(frame);
        }
    }
}
