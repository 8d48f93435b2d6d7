package org.trufflebpf.maps;

/** A map's number as the map. */
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
        if (value instanceof BpfMap map && references.map(map.id()) == map) {
            return ArrayIndex.key(map.id());
        }
        throw new MapException(Errno.EBADF, "a map of this object is needed");
    }
}
