package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.ExplodeLoop;

/** The two frame slots of what the dynptr at one place of the stack describes; {@link Dynptr} says how. */
sealed class DynptrPlace permits SamplePlace {
    private final int addressSlot;
    private final int stateSlot;
    /** States of those that a new one here would lie on, in part. */
    @CompilationFinal(dimensions = 1) private final int[] overlapped;

    DynptrPlace(int addressSlot, int stateSlot, int... overlapped) {
        this.addressSlot = addressSlot;
        this.stateSlot = stateSlot;
        this.overlapped = overlapped;
    }

    long address(VirtualFrame frame) {
        return frame.getLongStatic(addressSlot);
    }

    /** 0 when there is no dynptr. */
    long state(VirtualFrame frame) {
        return frame.getLongStatic(stateSlot);
    }

    @ExplodeLoop
    void make(VirtualFrame frame, long address, long state) {
        for (int slot : overlapped) {
            frame.setLongStatic(slot, 0);
        }
        frame.setLongStatic(addressSlot, address);
        frame.setLongStatic(stateSlot, state);
    }

    void change(VirtualFrame frame, long state) {
        frame.setLongStatic(stateSlot, state);
    }

    void end(VirtualFrame frame) {
        frame.setLongStatic(stateSlot, 0);
    }
}
