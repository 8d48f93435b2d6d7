package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** Computes something for its effect alone. */
final class DiscardNode extends StatementNode {
    @Child private ExpressionNode value;

    DiscardNode(ExpressionNode value) {
        this.value = value;
    }

    @Override
    public void execute(VirtualFrame frame) {
        value.execute(frame);
    }
}
