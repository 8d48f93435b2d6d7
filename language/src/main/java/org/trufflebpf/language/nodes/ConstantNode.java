package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** A number known when the program is loaded. */
public final class ConstantNode extends ExpressionNode {
    private final long value;

    public ConstantNode(long value) {
        this.value = value;
    }

    @Override
    public long execute(VirtualFrame frame) {
        return value;
    }
}
