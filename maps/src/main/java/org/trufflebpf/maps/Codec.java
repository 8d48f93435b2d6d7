package org.trufflebpf.maps;

/**
 * Between the bytes of a key or value and what other languages see. Implementations know the type (the language has them for BTF) and are
 * stateless. All methods may be called from any thread; none is called on a program's path.
 */
public interface Codec {
    /** Bytes of the type. */
    int size();

    /**
     * @param bytes {@link #size()} bytes, little-endian numbers; a copy that the codec may keep
     * @return an interop value: a snapshot, which does not change with the map
     */
    Object decode(byte[] bytes);

    /**
     * @param value any interop value
     * @return {@link #size()} new bytes
     * @throws MapException when the value does not fit the type: one line that names the field and what it takes
     */
    byte[] encode(Object value);

    /** The codec that says how the bytes look, where this one takes more than that. */
    default Codec typed() {
        return this;
    }

    /** Bytes as they are: a read-only buffer that is an array of 0 to 255 as well. Takes buffers and arrays of that length. */
    static Codec bytes(int size) {
        return new BytesCodec(size);
    }

    /** Without type information: an unsigned number for 1, 2, 4 and 8 bytes, otherwise {@link #bytes}. */
    static Codec untyped(int size) {
        return size == 1 || size == 2 || size == 4 || size == 8 ? new NumberCodec(size) : bytes(size);
    }
}
