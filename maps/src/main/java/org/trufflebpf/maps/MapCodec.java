package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;

/** A map's number as the map; takes its name, too. */
record MapCodec(References references) implements Codec {
    @Override
    public int size() {
        return 4;
    }

    @Override
    public Object decode(byte[] bytes) {
        BpfMap map = references.map(ArrayIndex.of(bytes));
        return map == null ? Absent.INSTANCE : map;
    }

    @Override
    public byte[] encode(Object value) {
        BpfMap map = value instanceof BpfMap itself ? itself : named(value);
        if (map == null || references.map(map.id()) != map) {
            throw new MapException(Errno.EBADF, "a map of this object or its name is needed");
        }
        return ArrayIndex.key(map.id());
    }

    private BpfMap named(Object value) {
        InteropLibrary interop = InteropLibrary.getUncached();
        try {
            return interop.isString(value) ? references.map(interop.asString(value)) : null;
        } catch (UnsupportedMessageException e) {
            return null;
        }
    }
}
