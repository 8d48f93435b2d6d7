package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerAsserts;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.ExplodeLoop.LoopExplosionKind;
import com.oracle.truffle.api.nodes.Node;
import java.util.Arrays;
import java.util.List;

/** Blocks under one dispatch loop, which partial evaluation unfolds into the program's own control flow. */
final class BlocksNode extends Node {
    @Children private final BlockNode[] blocks;
    private final int first;

    /** @param first the number of the block that comes first */
    BlocksNode(List<BlockNode> blocks, int first) {
        this.blocks = blocks.toArray(BlockNode[]::new);
        this.first = first;
    }

    /** Each way on has its own {@code continue}: where they met before the loop's end, the block number would no longer be a constant. */
    @ExplodeLoop(kind = LoopExplosionKind.MERGE_EXPLODE)
    void execute(VirtualFrame frame) {
        int block = first;
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

    /** A copy whose statements are grouped by C line. */
    BlocksNode withLines(ScopedLines lines, FrameLayout layout) {
        return new BlocksNode(Arrays.stream(blocks).map(block -> block.withLines(lines, layout)).toList(), first);
    }
}
