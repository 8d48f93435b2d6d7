package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerAsserts;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.ExplodeLoop.LoopExplosionKind;
import com.oracle.truffle.api.nodes.Node;

/** The program: its blocks under one dispatch loop, which partial evaluation unfolds into the program's own control flow. Runs once per packet. */
final class ProgramNode extends Node {
    @Children private final StatementNode[] prologue;
    @Children private final BlockNode[] blocks;
    @Child private ExpressionNode result;

    /** @param blocks entry first */
    ProgramNode(StatementNode[] prologue, BlockNode[] blocks, ExpressionNode result) {
        this.prologue = prologue;
        this.blocks = blocks;
        this.result = result;
    }

    /** Gives r0. */
    long execute(VirtualFrame frame) {
        begin(frame);
        dispatch(frame);
        return result.execute(frame);
    }

    @ExplodeLoop
    private void begin(VirtualFrame frame) {
        for (StatementNode statement : prologue) {
            statement.execute(frame);
        }
    }

    /** Each way on has its own {@code continue}: where they met before the loop's end, the block number would no longer be a constant. */
    @ExplodeLoop(kind = LoopExplosionKind.MERGE_EXPLODE)
    private void dispatch(VirtualFrame frame) {
        int block = 0;
        while (block != BlockNode.EXIT) {
            CompilerAsserts.partialEvaluationConstant(block);
            BlockNode node = blocks[block];
            node.execute(frame);
            if (node.condition == null) {
                block = node.next;
                continue;
            }
            if (node.condition.execute(frame)) {
                block = node.taken;
                continue;
            } else {
                block = node.next;
                continue;
            }
        }
    }
}
