package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import org.trufflebpf.language.run.SinglePackets;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.language.runtime.Program;

/** A program that other languages execute on a buffer: it gives the verdict's number, and a writable buffer holds the packet's bytes afterwards. */
@ExportLibrary(InteropLibrary.class)
final class ProgramValue implements TruffleObject {
    private final Instance instance;
    private final String name;

    ProgramValue(Instance instance, String name) {
        this.instance = instance;
        this.name = name;
    }

    @ExportMessage
    boolean isExecutable() {
        return true;
    }

    /** Threads take turns: they share what a worker owns. */
    @ExportMessage
    @TruffleBoundary
    Object execute(Object[] arguments) throws UnsupportedTypeException, ArityException {
        if (arguments.length != 1) {
            throw ArityException.create(1, 1, arguments.length);
        }
        InteropLibrary interop = InteropLibrary.getUncached(arguments[0]);
        try {
            if (!interop.hasBufferElements(arguments[0]) || interop.getBufferSize(arguments[0]) > SinglePackets.LONGEST) {
                throw UnsupportedTypeException.create(arguments, "takes a buffer of at most " + SinglePackets.LONGEST + " bytes");
            }
            byte[] packet = new byte[(int) interop.getBufferSize(arguments[0])];
            interop.readBuffer(arguments[0], 0, packet, 0, packet.length);
            SinglePackets.Outcome outcome = run(packet);
            if (interop.isBufferWritable(arguments[0])) {
                for (int i = 0; i < Math.min(packet.length, outcome.packet().length); i++) {
                    interop.writeBufferByte(arguments[0], i, outcome.packet()[i]);
                }
            }
            return outcome.verdict().ordinal();
        } catch (UnsupportedMessageException | InvalidBufferOffsetException e) {
            throw UnsupportedTypeException.create(arguments, "takes a buffer");
        }
    }

    private SinglePackets.Outcome run(byte[] packet) {
        synchronized (instance) {
            Program program = instance.program(name);
            return program.singlePackets().run(packet);
        }
    }

    @ExportMessage
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return "eBPF program " + name;
    }
}
