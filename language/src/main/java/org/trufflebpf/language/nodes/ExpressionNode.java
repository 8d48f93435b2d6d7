package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

/** Computes a 64-bit number. */
public abstract class ExpressionNode extends Node {
    public abstract long execute(VirtualFrame frame);
}
