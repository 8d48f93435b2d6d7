package org.trufflebpf.language.isa;

/** How much of its stack frame a function uses, as far as its instructions name places in it. */
public final class StackExtent {
    private static final int FRAME_POINTER = 10;

    private StackExtent() {
    }

    /**
     * @param code eight bytes a slot, little-endian
     * @param from its first slot
     * @param to the slot after its last one
     * @return bytes below the frame pointer, a multiple of 8
     */
    public static int of(byte[] code, int from, int to) {
        int lowest = 0;
        int frameAddress = -1;
        for (int slot = from; slot < to; slot++) {
            RawInstruction i = RawInstruction.at(code, slot);
            boolean stores = i.instructionClass() == RawInstruction.ST || i.instructionClass() == RawInstruction.STX;
            boolean loads = i.instructionClass() == RawInstruction.LDX;
            if (stores && i.target() == FRAME_POINTER || loads && i.source() == FRAME_POINTER) {
                lowest = Math.min(lowest, i.offset());
            } else if (i.opcode() == (RawInstruction.ALU64 | RawInstruction.MOVE | RawInstruction.REGISTER) && i.source() == FRAME_POINTER) {
                frameAddress = i.target();
            } else if (i.opcode() == RawInstruction.ALU64 && i.target() == frameAddress) {
                // An addition, which is operation 0.
                lowest = Math.min(lowest, Math.max(i.immediate(), Short.MIN_VALUE));
                frameAddress = -1;
            }
        }
        return -lowest + 7 & -8;
    }
}
