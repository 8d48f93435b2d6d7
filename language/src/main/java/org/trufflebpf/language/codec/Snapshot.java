package org.trufflebpf.language.codec;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A decoded value of several parts. All of them are also read-only buffers of the bytes that they were made from. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
abstract class Snapshot implements TruffleObject {
    /** Nobody changes them. Those of the value are {@link #size} from {@link #offset} on. */
    final byte[] bytes;
    final int offset;
    final int size;

    Snapshot(byte[] bytes, int offset, int size) {
        this.bytes = bytes;
        this.offset = offset;
        this.size = size;
    }

    @ExportMessage
    final boolean hasBufferElements() {
        return true;
    }

    @ExportMessage
    final long getBufferSize() {
        return size;
    }

    @TruffleBoundary
    private ByteBuffer at(ByteOrder order, long position, int length) throws InvalidBufferOffsetException {
        if (length < 0 || position < 0 || position > size - (long) length) {
            throw InvalidBufferOffsetException.create(position, length);
        }
        return ByteBuffer.wrap(bytes, offset + (int) position, length).order(order);
    }

    @ExportMessage
    final byte readBufferByte(long position) throws InvalidBufferOffsetException {
        return at(ByteOrder.LITTLE_ENDIAN, position, Byte.BYTES).get();
    }

    @ExportMessage
    @TruffleBoundary
    final short readBufferShort(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Short.BYTES).getShort();
    }

    @ExportMessage
    @TruffleBoundary
    final int readBufferInt(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Integer.BYTES).getInt();
    }

    @ExportMessage
    @TruffleBoundary
    final long readBufferLong(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Long.BYTES).getLong();
    }

    @ExportMessage
    @TruffleBoundary
    final float readBufferFloat(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Float.BYTES).getFloat();
    }

    @ExportMessage
    @TruffleBoundary
    final double readBufferDouble(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Double.BYTES).getDouble();
    }

    @ExportMessage
    @TruffleBoundary
    final void readBuffer(long position, byte[] destination, int destinationOffset, int length) throws InvalidBufferOffsetException {
        at(ByteOrder.LITTLE_ENDIAN, position, length).get(destination, destinationOffset, length);
    }

    /** One line, in C's notation as far as it has one; long ones are cut. */
    @ExportMessage
    @TruffleBoundary
    final Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return describe();
    }

    abstract String describe();
}
