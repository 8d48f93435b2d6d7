package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Arrays;

/** Methods push(value), pop() and peek(); the last two give null when the map is empty. Iterating gives what repeated pops would, without them. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class QueueFace extends MapFace {
    private static final String[] METHODS = {"push", "pop", "peek"};

    QueueFace(BpfMap map, Codec keyCodec, Codec valueCodec) {
        super(map, keyCodec, valueCodec);
    }

    @Override
    String[] methods() {
        return METHODS;
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
        return Arrays.asList(METHODS).contains(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object invokeMember(String member, Object... arguments) throws UnknownIdentifierException, ArityException {
        return switch (member) {
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
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getIterator() {
        return new EntryIterator(map.entries(), entry -> decodeValue(entry.value()));
    }
}
