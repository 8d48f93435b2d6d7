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
 * Methods push(value), pop() and peek(); the last two give null when the map is empty. Iterating gives what repeated pops would, without them.
 * A bloom filter has push(value) and contains(value).
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class QueueFace extends MapFace {
    private static final String[] QUEUE = {"push", "pop", "peek"};
    private static final String[] FILTER = {"push", "contains"};

    QueueFace(BpfMap map, Codec keyCodec, Codec valueCodec) {
        super(map, keyCodec, valueCodec);
    }

    @Override
    String[] methods() {
        return map instanceof BloomFilterMap ? FILTER : QUEUE;
    }

    @Override
    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return isMemberInvocable(member) || super.isMemberReadable(member);
    }

    @Override
    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        return isMemberInvocable(member) ? new QueueMethod(this, member) : super.readMember(member);
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberInvocable(String member) {
        return Arrays.asList(methods()).contains(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object invokeMember(String member, Object... arguments) throws UnknownIdentifierException, ArityException {
        if (!isMemberInvocable(member)) {
            throw UnknownIdentifierException.create(member);
        }
        return switch (member) {
            case "contains" -> {
                requireArguments(1, arguments);
                yield ((BloomFilterMap) map).contains(encodeValue(arguments[0]));
            }
            case "push" -> {
                requireArguments(1, arguments);
                map.push(encodeValue(arguments[0]), MapFlags.ANY);
                yield Absent.INSTANCE;
            }
            case "pop", "peek" -> {
                requireArguments(0, arguments);
                byte[] value = map.next(member.equals("pop"));
                yield value == null ? Absent.INSTANCE : decodeValue(value);
            }
            default -> throw UnknownIdentifierException.create(member);
        };
    }

    private static void requireArguments(int count, Object[] arguments) throws ArityException {
        if (arguments.length != count) {
            throw ArityException.create(count, count, arguments.length);
        }
    }

    @ExportMessage
    boolean hasIterator() {
        return !(map instanceof BloomFilterMap);
    }

    @ExportMessage
    @TruffleBoundary
    Object getIterator() throws UnsupportedMessageException {
        if (!hasIterator()) {
            throw UnsupportedMessageException.create();
        }
        return new EntryIterator(map.entries(), entry -> decodeValue(entry.value()));
    }
}
