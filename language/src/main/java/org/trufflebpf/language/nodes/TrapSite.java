package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.MaterializedFrame;
import com.oracle.truffle.api.frame.VirtualFrame;
import java.util.Arrays;
import org.trufflebpf.language.runtime.Worker;

/**
 * A place where a program can do what must not be done. The first time, compiled code goes back to the interpreter, where all registers can be
 * read for the report; from then on the trap is a jump in compiled code, so hostile packets cannot keep a data path in the interpreter. Nothing is
 * invalidated, hence nothing has to be compiled again.
 */
public final class TrapSite {
    private final FrameLayout layout;
    private final int slot;
    private final Trap.Kind kind;
    private final String what;
    private final TrapException exception = new TrapException();
    private final boolean everyTime;
    private final TrapLog.Report report;

    /**
     * @param slot the instruction
     * @param what the fault in words, as a predicate of the instruction
     */
    TrapSite(FrameLayout layout, int slot, Trap.Kind kind, String what) {
        this.layout = layout;
        this.slot = slot;
        this.kind = kind;
        this.what = what;
        this.everyTime = layout.traps().everyTime();
        this.report = layout.traps().of(slot, what);
    }

    /** To be thrown by the caller. */
    RuntimeException trap(VirtualFrame frame) {
        if (everyTime || !report.made) {
            CompilerDirectives.transferToInterpreter();
            report(frame.materialize(), null);
        }
        return exception;
    }

    /**
     * As {@link #trap(VirtualFrame)}, for an access of {@code size} bytes at {@code address}.
     *
     * @param packet whether the pointer can be one into the packet
     * @param maps where else it can point
     */
    RuntimeException trap(VirtualFrame frame, long address, long size, boolean packet, AddressNode.ValueArea... maps) {
        if (everyTime || !report.made) {
            CompilerDirectives.transferToInterpreter();
            long[] values = Arrays.stream(maps).mapToLong(AddressNode.ValueArea::address).toArray();
            report(frame.materialize(), layout.access(frame.materialize(), address, size, packet, values));
        }
        return exception;
    }

    @TruffleBoundary
    private void report(MaterializedFrame frame, Trap.Access access) {
        boolean first = report.isFirst();
        layout.traps().report((Worker) frame.getArguments()[0],
                        new Trap(slot, kind, what, access, layout.registers(frame), frame.getLongStatic(FrameLayout.DESCRIPTOR)), first);
    }
}
