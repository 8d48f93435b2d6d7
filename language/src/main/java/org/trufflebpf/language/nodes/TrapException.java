package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.nodes.ControlFlowException;

/** Ends the program for this packet with XDP_ABORTED. Made once per site, so that throwing it in compiled code is a jump. */
final class TrapException extends ControlFlowException {
    private static final long serialVersionUID = 1;
}
