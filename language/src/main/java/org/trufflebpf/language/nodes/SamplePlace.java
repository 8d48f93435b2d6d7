package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

/** The dynptr of a sample that a callback gets: a register holds the sample's address, its ring knows how long it is. No program can change it. */
final class SamplePlace extends DynptrPlace {
    private final Rings rings;

    /** @param register slot of the register */
    SamplePlace(int register, Rings rings) {
        super(register, register);
        this.rings = rings;
    }

    /** 0 when it is no sample that a callback has. */
    @Override
    long state(VirtualFrame frame) {
        long length = rings.sampleLength(address(frame));
        return length < 0 ? 0 : Dynptr.RECORD | length;
    }

    @Override
    void make(VirtualFrame frame, long address, long state) {
        throw new IllegalStateException("no program makes one");
    }

    @Override
    void change(VirtualFrame frame, long state) {
        throw new IllegalStateException("no program changes one");
    }

    @Override
    void end(VirtualFrame frame) {
        throw new IllegalStateException("no program ends one");
    }
}
