package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.nodes.NodeUtil;
import java.util.Arrays;
import java.util.List;

/** What a program does with a packet. */
abstract class ProgramBody extends Node {
    /** Gives r0. */
    abstract long execute(VirtualFrame frame);

    /** The same in one piece with its statements grouped by C line. */
    abstract ProgramBody withLines(ScopedLines lines, FrameLayout layout);

    /** All of it in one machine code. */
    static final class Whole extends ProgramBody {
        @Children private final StatementNode[] prologue;
        @Child private BlocksNode blocks;
        @Child private ExpressionNode result;

        Whole(List<StatementNode> prologue, BlocksNode blocks, ExpressionNode result) {
            this.prologue = prologue.toArray(StatementNode[]::new);
            this.blocks = blocks;
            this.result = result;
        }

        @Override
        long execute(VirtualFrame frame) {
            begin(frame);
            blocks.execute(frame);
            return result.execute(frame);
        }

        @ExplodeLoop
        private void begin(VirtualFrame frame) {
            for (StatementNode statement : prologue) {
                statement.execute(frame);
            }
        }

        @Override
        ProgramBody withLines(ScopedLines lines, FrameLayout layout) {
            return new Whole(Arrays.stream(prologue).map(NodeUtil::cloneNode).toList(), blocks.withLines(lines, layout), NodeUtil.cloneNode(result));
        }
    }
}
