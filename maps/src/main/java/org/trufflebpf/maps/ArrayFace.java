package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.InvalidArrayIndexException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/** Contents as array elements, and as hash entries whose keys are the indices. An empty slot of a DEVMAP is an element that can be inserted. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class ArrayFace extends HashFace {

    ArrayFace(BpfMap map, Codec keyCodec, Codec valueCodec) {
        super(map, keyCodec, valueCodec);
    }

    private byte[] read(long index) {
        return inRange(index) && map.readable() ? map.get(ArrayIndex.key(index)) : null;
    }

    private boolean inRange(long index) {
        return index >= 0 && index < map.maxEntries();
    }

    @ExportMessage
    boolean hasArrayElements() {
        return true;
    }

    @ExportMessage
    long getArraySize() {
        return map.maxEntries();
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementReadable(long index) {
        return read(index) != null;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementModifiable(long index) {
        return map.writable() && read(index) != null;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isArrayElementInsertable(long index) {
        return inRange(index) && map.writable() && read(index) == null;
    }

    @ExportMessage
    @TruffleBoundary
    Object readArrayElement(long index) throws InvalidArrayIndexException {
        byte[] value = read(index);
        if (value == null) {
            throw InvalidArrayIndexException.create(index);
        }
        return decodeValue(value);
    }

    @ExportMessage
    @TruffleBoundary
    void writeArrayElement(long index, Object value) throws InvalidArrayIndexException {
        if (!inRange(index)) {
            throw InvalidArrayIndexException.create(index);
        }
        map.put(ArrayIndex.key(index), encodeValue(value), MapFlags.ANY);
    }
}
