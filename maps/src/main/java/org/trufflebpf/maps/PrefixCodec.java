package org.trufflebpf.maps;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.trufflebpf.io.net.IpAddress;
import org.trufflebpf.io.net.Prefix;

/**
 * Keys of prefix tries for IPv4 or IPv6 addresses, which may be written as people do: {@code "10.0.0.0/8"}, {@code "2001:db8::/32"}, or an address
 * alone. Bits after the prefix become zero. What the type in the C source says is taken as well, and is what others see.
 *
 * @param typed the codec of that type
 */
record PrefixCodec(Codec typed) implements Codec {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** Of a trie with keys of that type, which are told by their size: a prefix length and 4 or 16 bytes. */
    static Codec of(Codec key) {
        int bytes = key.size() - Integer.BYTES;
        boolean fits = 8 * bytes == IpAddress.IPV4_BITS || 8 * bytes == IpAddress.IPV6_BITS;
        return fits && !(key instanceof PrefixCodec) ? new PrefixCodec(key) : key;
    }

    @Override
    public int size() {
        return typed.size();
    }

    @Override
    public Object decode(byte[] bytes) {
        return typed.decode(bytes);
    }

    @Override
    public byte[] encode(Object value) {
        try {
            if (INTEROP.isString(value)) {
                String text = INTEROP.asString(value);
                if (text.indexOf('.') >= 0 || text.indexOf(':') >= 0) {
                    return encode(text);
                }
            }
        } catch (UnsupportedMessageException e) {
            throw new MapException(Errno.EINVAL, "cannot be read: " + e.getMessage());
        }
        return typed.encode(value);
    }

    private byte[] encode(String text) {
        Prefix prefix;
        try {
            prefix = Prefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw new MapException(Errno.EINVAL, e.getMessage());
        }
        IpAddress address = prefix.address();
        if (address.bits() != 8 * (size() - Integer.BYTES)) {
            throw new MapException(Errno.EINVAL, "'" + text + "' is no prefix of IPv" + (address.ipv6() ? 4 : 6));
        }
        ByteBuffer key = ByteBuffer.allocate(size()).order(ByteOrder.LITTLE_ENDIAN);
        key.putInt(prefix.length()).put(address.bytes());
        return key.array();
    }
}
