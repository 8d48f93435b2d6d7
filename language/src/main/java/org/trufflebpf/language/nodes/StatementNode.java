package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

/** Does something to the frame, to memory or to a map. */
public abstract class StatementNode extends Node {
    public abstract void execute(VirtualFrame frame);
}
