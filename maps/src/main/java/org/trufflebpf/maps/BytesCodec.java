package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;

/** Uninterpreted bytes. */
record BytesCodec(int size) implements Codec {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    @Override
    public Object decode(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** Whether {@link #encode} has a chance. */
    static boolean takes(Object value) {
        return INTEROP.hasBufferElements(value) || INTEROP.hasArrayElements(value);
    }

    @Override
    public byte[] encode(Object value) {
        try {
            byte[] bytes = new byte[size];
            if (INTEROP.hasBufferElements(value)) {
                requireLength(INTEROP.getBufferSize(value));
                INTEROP.readBuffer(value, 0, bytes, 0, size);
                return bytes;
            }
            if (INTEROP.hasArrayElements(value)) {
                requireLength(INTEROP.getArraySize(value));
                for (int i = 0; i < size; i++) {
                    bytes[i] = element(i, INTEROP.readArrayElement(value, i));
                }
                return bytes;
            }
        } catch (InteropException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
        throw new MapException(Errno.EINVAL, "a buffer or an array of " + size + " bytes is needed");
    }

    private void requireLength(long length) {
        if (length != size) {
            throw new MapException(Errno.EINVAL, "has " + length + " bytes, not " + size);
        }
    }

    private static byte element(int index, Object element) throws InteropException {
        if (INTEROP.fitsInInt(element)) {
            int number = INTEROP.asInt(element);
            if (number >= Byte.MIN_VALUE && number <= 0xFF) {
                return (byte) number;
            }
        }
        throw new MapException(Errno.EINVAL, "byte " + index + " is no number from 0 to 255");
    }
}
