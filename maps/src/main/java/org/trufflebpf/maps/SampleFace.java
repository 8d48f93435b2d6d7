package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Arrays;

/**
 * Where samples for programs go in: {@code send(sample)} says whether there was room; {@code as(type)} gives the same map that takes values of that
 * type. Samples are otherwise buffers or arrays of bytes, of any length.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class SampleFace extends MapFace {
    private static final String[] METHODS = {"send", "as"};
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    SampleFace(BpfMap map, Codec keyCodec, Codec sample) {
        super(map, keyCodec, sample);
    }

    @Override
    String[] methods() {
        return METHODS;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberInvocable(String member) {
        return Arrays.asList(METHODS).contains(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object invokeMember(String member, Object... arguments) throws UnknownIdentifierException, ArityException, UnsupportedMessageException {
        if (!isMemberInvocable(member)) {
            throw UnknownIdentifierException.create(member);
        }
        StreamFace.requireArguments(1, 1, arguments);
        return member.equals("send") ? ((UserRingMap) map).send(bytes(arguments[0]))
                : (Object) new SampleFace(map, keyCodec, StreamFace.type(map, arguments[0]));
    }

    private byte[] bytes(Object sample) throws UnsupportedMessageException {
        if (valueCodec.size() > 0) {
            return encodeValue(sample);
        }
        long length = INTEROP.hasBufferElements(sample) ? INTEROP.getBufferSize(sample)
                : INTEROP.hasArrayElements(sample) ? INTEROP.getArraySize(sample) : -1;
        if (length < 0 || length > map.maxEntries()) {
            throw new MapException(map.name(), length < 0 ? Errno.EINVAL : Errno.E2BIG, length < 0 ? "a sample is a buffer or an array of bytes"
                    : "a sample of " + length + " bytes does not fit the ring of " + map.maxEntries());
        }
        return encode("sample", Codec.bytes((int) length), sample);
    }
}
