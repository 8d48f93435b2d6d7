package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.nodes.ControlFlowException;

/** Ends a program because another one goes on with its packet; the worker knows which. */
final class TailCallException extends ControlFlowException {
    static final TailCallException INSTANCE = new TailCallException();

    private static final long serialVersionUID = 1;

    private TailCallException() {
    }
}
