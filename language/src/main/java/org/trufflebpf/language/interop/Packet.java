package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import java.util.Optional;

/** A packet that comes from outside, as a buffer or as an array of numbers from -128 to 255. */
final class Packet {
    private final Object holder;
    private final InteropLibrary interop;
    private final byte[] bytes;

    private Packet(Object holder, InteropLibrary interop, byte[] bytes) {
        this.holder = holder;
        this.interop = interop;
        this.bytes = bytes;
    }

    /** A copy of what {@code holder} holds now; empty when that is no packet, or one of more than {@code longest} bytes. */
    static Optional<Packet> of(Object holder, int longest) {
        InteropLibrary interop = InteropLibrary.getUncached(holder);
        try {
            byte[] bytes;
            if (interop.hasBufferElements(holder)) {
                long size = interop.getBufferSize(holder);
                if (size > longest) {
                    return Optional.empty();
                }
                bytes = new byte[(int) size];
                interop.readBuffer(holder, 0, bytes, 0, bytes.length);
            } else if (interop.hasArrayElements(holder)) {
                long size = interop.getArraySize(holder);
                if (size > longest) {
                    return Optional.empty();
                }
                bytes = new byte[(int) size];
                for (int i = 0; i < bytes.length; i++) {
                    int element = InteropLibrary.getUncached().asInt(interop.readArrayElement(holder, i));
                    if (element < Byte.MIN_VALUE || element > 0xff) {
                        return Optional.empty();
                    }
                    bytes[i] = (byte) element;
                }
            } else {
                return Optional.empty();
            }
            return Optional.of(new Packet(holder, interop, bytes));
        } catch (UnsupportedMessageException | InvalidBufferOffsetException | InvalidArrayIndexException e) {
            return Optional.empty();
        }
    }

    byte[] bytes() {
        return bytes;
    }

    /** As a number from 0 to 255, or to 127 where the array holds signed bytes. */
    private void write(int index, byte value) throws UnsupportedMessageException, UnsupportedTypeException, InvalidArrayIndexException {
        try {
            interop.writeArrayElement(holder, index, value & 0xff);
        } catch (UnsupportedTypeException e) {
            interop.writeArrayElement(holder, index, value);
        }
    }

    /**
     * Puts the changed bytes back where they came from, as far as that can be written: what a program cut off stays, what it added is lost.
     *
     * @throws UnsupportedTypeException if an element of a host array cannot hold a byte
     */
    void write(byte[] changed) throws UnsupportedTypeException {
        try {
            int length = Math.min(bytes.length, changed.length);
            if (interop.hasBufferElements(holder)) {
                for (int i = 0; i < length && interop.isBufferWritable(holder); i++) {
                    interop.writeBufferByte(holder, i, changed[i]);
                }
                return;
            }
            for (int i = 0; i < length; i++) {
                if (bytes[i] != changed[i] && interop.isArrayElementModifiable(holder, i)) {
                    write(i, changed[i]);
                }
            }
        } catch (UnsupportedMessageException | InvalidBufferOffsetException | InvalidArrayIndexException e) {
            throw UnsupportedTypeException.create(new Object[]{holder}, "the packet's holder shrank or became read-only meanwhile");
        }
    }
}
