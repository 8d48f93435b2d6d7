package org.trufflebpf.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.trufflebpf.io.linux.BpfException;
import org.trufflebpf.io.linux.KernelMap;
import org.trufflebpf.io.linux.KernelProgram;

/**
 * A program that makes the packet what it was and then tail-calls another one: a test run of the kernel gives each repetition what the one before
 * left. What the wrapper itself takes is measured with a program behind it that only returns. It always calls the helpers that move the packet's
 * ends where they are needed, by nothing if the packet has its length.
 */
final class RestoringWrapper implements AutoCloseable {
    private static final int ADJUST_HEAD = 44;
    private static final int ADJUST_TAIL = 65;
    private static final int TAIL_CALL = 12;
    private static final int MAP_TYPE_PROG_ARRAY = 3;
    private static final int CONTEXT = 6;
    private static final int HEAD = 7;
    private static final int TAIL = 8;

    private final KernelMap programs;
    private final KernelProgram wrapper;

    /**
     * What the wrapped program does to the packet each time.
     *
     * @param moved bytes that it moves the packet's start by
     * @param length of the packet afterwards, in bytes
     */
    record Change(int moved, int length) {
    }

    /** @param wrapped stays the caller's; it must be open until this is closed */
    RestoringWrapper(KernelProgram wrapped, byte[] packet, Change change) throws BpfException {
        programs = KernelMap.create(MAP_TYPE_PROG_ARRAY, Integer.BYTES, Integer.BYTES, 1);
        try {
            programs.update(new byte[Integer.BYTES], bytes(wrapped.fd()), KernelMap.ANY);
            wrapper = KernelProgram.load(code(packet, change), "Dual MIT/GPL", "restore");
        } catch (BpfException e) {
            programs.close();
            throw e;
        }
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }

    KernelProgram program() {
        return wrapper;
    }

    private byte[] code(byte[] packet, Change change) {
        int head = -change.moved();
        int tail = packet.length - (change.length() - head);
        Code code = new Code(64 + 3 * packet.length);
        code.add(0xbf, CONTEXT, 1, 0, 0);
        // By how much the ends must move: nothing if the packet has its length, as in the first repetition.
        code.add(0x61, 2, CONTEXT, 0, 0).add(0x61, 3, CONTEXT, 4, 0).add(0x1f, 3, 2, 0, 0);
        code.add(0xb7, HEAD, 0, 0, 0).add(0xb7, TAIL, 0, 0, 0).add(0x15, 3, 0, 2, packet.length);
        code.add(0xb7, HEAD, 0, 0, head).add(0xb7, TAIL, 0, 0, tail);
        if (head != 0) {
            code.add(0xbf, 1, CONTEXT, 0, 0).add(0xbf, 2, HEAD, 0, 0).add(0x85, 0, 0, 0, ADJUST_HEAD);
        }
        if (tail != 0) {
            code.add(0xbf, 1, CONTEXT, 0, 0).add(0xbf, 2, TAIL, 0, 0).add(0x85, 0, 0, 0, ADJUST_TAIL);
        }
        // Over the tail call.
        code.bytes(packet, CONTEXT, 5);
        code.add(0xbf, 1, CONTEXT, 0, 0).constant(2, 1, programs.fd()).add(0xb7, 3, 0, 0, 0).add(0x85, 0, 0, 0, TAIL_CALL);
        // XDP_ABORTED, which no wrapped program that is measured returns.
        return code.add(0xb7, 0, 0, 0, 0).add(0x95, 0, 0, 0, 0).bytes();
    }

    @Override
    public void close() {
        wrapper.close();
        programs.close();
    }
}
