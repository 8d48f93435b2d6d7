package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidBufferOffsetException;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A value that other languages can read as a buffer of its bytes, which never change. For any thread. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
public abstract class ReadOnlyBuffer implements TruffleObject {
    /** Nobody changes them. Those of the value are {@link #size} from {@link #offset} on. */
    protected final byte[] bytes;
    protected final int offset;
    protected final int size;

    protected ReadOnlyBuffer(byte[] bytes, int offset, int size) {
        this.bytes = bytes;
        this.offset = offset;
        this.size = size;
    }

    @ExportMessage
    public final boolean hasBufferElements() {
        return true;
    }

    @ExportMessage
    public final long getBufferSize() {
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
    public final byte readBufferByte(long position) throws InvalidBufferOffsetException {
        return at(ByteOrder.LITTLE_ENDIAN, position, Byte.BYTES).get();
    }

    @ExportMessage
    @TruffleBoundary
    public final short readBufferShort(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Short.BYTES).getShort();
    }

    @ExportMessage
    @TruffleBoundary
    public final int readBufferInt(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Integer.BYTES).getInt();
    }

    @ExportMessage
    @TruffleBoundary
    public final long readBufferLong(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Long.BYTES).getLong();
    }

    @ExportMessage
    @TruffleBoundary
    public final float readBufferFloat(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Float.BYTES).getFloat();
    }

    @ExportMessage
    @TruffleBoundary
    public final double readBufferDouble(ByteOrder order, long position) throws InvalidBufferOffsetException {
        return at(order, position, Double.BYTES).getDouble();
    }

    @ExportMessage
    @TruffleBoundary
    public final void readBuffer(long position, byte[] destination, int destinationOffset, int length) throws InvalidBufferOffsetException {
        at(ByteOrder.LITTLE_ENDIAN, position, length).get(destination, destinationOffset, length);
    }
}
