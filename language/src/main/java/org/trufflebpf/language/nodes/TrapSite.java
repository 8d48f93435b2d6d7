package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

/**
 * A place where a program can do what must not be done. The first time, compiled code goes back to the interpreter, where all registers can be
 * read for the report; from then on the trap is a jump in compiled code, so hostile packets cannot keep a data path in the interpreter. Nothing is
 * invalidated, hence nothing has to be compiled again.
 */
public final class TrapSite {
    private final FrameLayout layout;
    private final int slot;
    private final String what;
    private final TrapException exception = new TrapException();
    private final TrapLog.Report report;

    /**
     * @param slot the instruction
     * @param what the fault in words, as a predicate of the instruction
     */
    TrapSite(FrameLayout layout, int slot, String what) {
        this.layout = layout;
        this.slot = slot;
        this.what = what;
        this.report = layout.traps().of(slot, what);
    }

    /** To be thrown by the caller. */
    RuntimeException trap(VirtualFrame frame) {
        if (!report.made) {
            CompilerDirectives.transferToInterpreter();
            report.made = true;
            layout.traps().report(slot, what, layout.registers(frame));
        }
        return exception;
    }

    /** As {@link #trap(VirtualFrame)}, for an access of {@code size} bytes at {@code address}. */
    RuntimeException trap(VirtualFrame frame, long address, long size) {
        if (!report.made) {
            CompilerDirectives.transferToInterpreter();
            report.made = true;
            layout.traps().report(slot, what + " (" + size + " bytes at " + layout.describe(frame, address) + ")", layout.registers(frame));
        }
        return exception;
    }
}
