package org.trufflebpf.language.codec;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import org.trufflebpf.maps.Codec;
import org.trufflebpf.maps.WholeNumber;

/**
 * A number with its type in C, for those who calculate with it as C does. Other languages get its value only.
 *
 * @param value what other languages see; of {@code __be16}, {@code __be32} and {@code __be64} the number that is meant on the network
 * @param width bits, 1 to 64
 * @param bigEndian whether C sees it with its bytes the other way round
 */
public record TypedNumber(Object value, int width, boolean signed, boolean bigEndian) {
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** What a codec decodes; a number of at most 64 bits, as this class says it, with its type. */
    public static Object decode(Codec codec, byte[] bytes) {
        return codec instanceof BtfCodec typed ? Decoder.typed(typed.layout(), bytes, 0) : of(codec.decode(bytes), codec);
    }

    /** What a codec has decoded, with its type if it is a number that has one. */
    public static Object of(Object value, Codec codec) {
        if (!INTEROP.isNumber(value)) {
            return value;
        }
        if (codec.typed() instanceof BtfCodec typed) {
            return Decoder.withType(typed.layout(), value);
        }
        return codec.size() <= Long.BYTES ? new TypedNumber(value, codec.size() * Byte.SIZE, false, false) : value;
    }

    /** An unsigned number that C sees with its bytes the other way round, as many as {@code width} bits. */
    public static TypedNumber ofNetwork(long seen, int width) {
        long meant = Long.reverseBytes(seen) >>> Long.SIZE - width;
        return new TypedNumber(meant < 0 ? WholeNumber.ofUnsigned(meant) : WholeNumber.of(meant), width, false, true);
    }

    /** The bits that C sees; those above {@link #width} say nothing. */
    public long bits() {
        try {
            long bits = INTEROP.fitsInLong(value) ? INTEROP.asLong(value) : INTEROP.asBigInteger(value).longValue();
            return bigEndian ? Long.reverseBytes(bits) >>> Long.SIZE - width : bits;
        } catch (UnsupportedMessageException e) {
            throw new IllegalStateException("it is a number", e);
        }
    }
}
