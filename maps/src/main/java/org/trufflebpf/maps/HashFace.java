package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownKeyException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;

/** Contents as hash entries. A key that the key's type cannot hold is an unknown key; wrong values and full maps are guest exceptions. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
sealed class HashFace extends MapFace permits ArrayFace {

    HashFace(BpfMap map, Codec keyCodec, Codec valueCodec) {
        super(map, keyCodec, valueCodec);
    }

    /** Null for what is no key of this map. */
    private byte[] keyOrNull(Object key) {
        try {
            return keyCodec.encode(key);
        } catch (MapException e) {
            return null;
        }
    }

    private boolean present(Object key) {
        byte[] bytes = keyOrNull(key);
        return bytes != null && map.readable() && map.get(bytes) != null;
    }

    @ExportMessage
    final boolean hasHashEntries() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    final long getHashSize() {
        return map.size();
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isHashEntryReadable(Object key) {
        return present(key);
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isHashEntryModifiable(Object key) {
        return map.writable() && present(key);
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isHashEntryInsertable(Object key) {
        byte[] bytes = keyOrNull(key);
        return bytes != null && map.writable() && map.insertable(bytes) && !present(key);
    }

    @ExportMessage
    @TruffleBoundary
    final boolean isHashEntryRemovable(Object key) {
        return map.writable() && map.removable() && present(key);
    }

    @ExportMessage
    @TruffleBoundary
    final Object readHashValue(Object key) throws UnknownKeyException {
        byte[] bytes = keyOrNull(key);
        byte[] value = bytes == null ? null : map.get(bytes);
        if (value == null) {
            throw UnknownKeyException.create(key);
        }
        return decodeValue(value);
    }

    @ExportMessage
    @TruffleBoundary
    final void writeHashEntry(Object key, Object value) {
        map.put(encodeKey(key), encodeValue(value), MapFlags.ANY);
    }

    @ExportMessage
    @TruffleBoundary
    final void removeHashEntry(Object key) throws UnknownKeyException {
        byte[] bytes = keyOrNull(key);
        if (bytes == null || !map.removable() || map.get(bytes) == null || !map.remove(bytes)) {
            throw UnknownKeyException.create(key);
        }
    }

    @ExportMessage
    @TruffleBoundary
    final Object getHashEntriesIterator() {
        return new EntryIterator(map.entries(), entry -> new Values(decodeKey(entry.key()), decodeValue(entry.value())));
    }
}
