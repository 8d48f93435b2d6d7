package org.trufflebpf.language.nodes;

import com.oracle.truffle.api.frame.MaterializedFrame;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.language.cfg.Registers;
import org.trufflebpf.language.verifier.ContextField;

/** What a program's registers hold and where its packet is, between two steps. Addresses are valid only until the packet is done. */
public final class StepView {
    private final FrameLayout layout;
    private final MaterializedFrame frame;
    private final int depth;

    StepView(FrameLayout layout, MaterializedFrame frame, int depth) {
        this.layout = layout;
        this.frame = frame;
        this.depth = depth;
    }

    /** Calls that the program is in, from 0; {@link Registers#of} needs it. */
    public int depth() {
        return depth;
    }

    /** Whether {@code size} bytes at an address are all in the packet, on the stack or in one value of a map. */
    public boolean mayRead(long address, int size) {
        long inPacket = address - data();
        long inStack = address - stack();
        return inPacket >= 0 && inPacket <= packetEnd() - data() - size || inStack >= 0 && inStack <= stackBytes() - size || layout.isInValue(address, size);
    }

    /** @param register numbered as in {@link Registers}; one that the program never uses is 0 */
    public long register(int register) {
        if (Registers.isFramePointer(register)) {
            return frame.getLongStatic(FrameLayout.STACK) + (Registers.depthOfFramePointer(register) + 1L) * FrameLayout.FRAME_BYTES;
        }
        return layout.has(register) ? frame.getLongStatic(layout.slot(register)) : 0;
    }

    /** Address of the first packet byte. */
    public long data() {
        return frame.getLongStatic(FrameLayout.DATA);
    }

    /** Address after the last byte that the program reaches by pointers: of a packet of several buffers, after the first. */
    public long dataEnd() {
        return frame.getLongStatic(FrameLayout.DATA_END);
    }

    /** Address after the last packet byte. */
    public long packetEnd() {
        return frame.getLongStatic(FrameLayout.PACKET_END);
    }

    /** What the program would load from its context: an address or a number. */
    public long context(ContextField field) {
        return ContextNodes.load(field).execute(frame);
    }

    /** Address of the first byte of the stack frames. */
    public long stack() {
        return frame.getLongStatic(FrameLayout.STACK);
    }

    /** Bytes of all stack frames. */
    public static long stackBytes() {
        return (long) FrameLayout.FRAME_BYTES * Registers.MAX_DEPTH;
    }

    /** Bytes of memory that the program may read. Words of the stack that the program never gives the address of are in no memory. */
    public byte[] bytes(long address, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            long inStack = address + i - stack();
            int word = inStack >= 0 && inStack < stackBytes() ? (int) (inStack >> 3) : -1;
            bytes[i] = word >= 0 && layout.stack().has(word) ? layout.stack().byteAt(frame, word, (int) (inStack & 7)) : Memory.getByte(address + i);
        }
        return bytes;
    }

    /** A register's value in words: {@code packet+14 of 60}, {@code r10-8}, {@code map flows[3]+8 of 16}, or a number. */
    public String describe(long value) {
        return layout.describe(frame, value);
    }
}
