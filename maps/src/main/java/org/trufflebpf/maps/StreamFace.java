package org.trufflebpf.maps;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;

/**
 * Events of a ring buffer or perf event array:
 * <ul>
 * <li>{@code poll(callback[, milliseconds])} waits that long for an event, calls back with each there is, and gives their number. The callback gets
 * the event, the CPU that sent it (-1 where unknown), and how many that CPU lost just before;
 * <li>{@code take()} gives the next event or null;
 * <li>{@code lost()} says how many were lost;
 * <li>{@code as(type)} gives the same stream with events of that type's size decoded.
 * </ul>
 * Iterating takes events until there is none. Events are buffers unless decoded. The first of these calls opens a perf event array.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("static-method")
final class StreamFace extends MapFace {
    private static final String[] METHODS = {"poll", "take", "lost", "as"};
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    /** So many events one poll gives, for programs that send as fast as they are polled. */
    private static final int MAX_EVENTS = 1 << 16;
    private static final int MAX_MILLISECONDS = Integer.MAX_VALUE;

    private final EventStream stream;

    StreamFace(BpfMap map, Codec keyCodec, Codec event) {
        super(map, keyCodec, event);
        this.stream = (EventStream) map;
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
    Object invokeMember(String member, Object... arguments)
            throws UnknownIdentifierException, ArityException, UnsupportedTypeException, UnsupportedMessageException {
        return switch (member) {
            case "poll" -> {
                requireArguments(1, 2, arguments);
                yield poll(arguments[0], arguments.length == 1 ? 0 : milliseconds(arguments));
            }
            case "take" -> {
                requireArguments(0, 0, arguments);
                EventStream.Event event = take();
                yield event == null ? Absent.INSTANCE : decode(event);
            }
            case "lost" -> {
                requireArguments(0, 0, arguments);
                yield stream.lost();
            }
            case "as" -> {
                requireArguments(1, 1, arguments);
                yield new StreamFace(map, keyCodec, type(map, arguments[0]));
            }
            default -> throw UnknownIdentifierException.create(member);
        };
    }

    static void requireArguments(int least, int most, Object[] arguments) throws ArityException {
        if (arguments.length < least || arguments.length > most) {
            throw ArityException.create(least, most, arguments.length);
        }
    }

    /** @throws MapException when nothing has that name */
    static Codec type(BpfMap map, Object name) throws UnsupportedMessageException {
        if (!INTEROP.isString(name)) {
            throw new MapException(map.name(), Errno.EINVAL, "the name of a type is needed");
        }
        String text = INTEROP.asString(name);
        Codec codec = map.references.type(text);
        if (codec == null) {
            throw new MapException(map.name(), Errno.ENOENT, "the object has no type '" + text + "'");
        }
        return codec;
    }

    private static long milliseconds(Object[] arguments) throws UnsupportedMessageException, UnsupportedTypeException {
        if (!INTEROP.fitsInLong(arguments[1])) {
            throw UnsupportedTypeException.create(arguments, "milliseconds are a whole number");
        }
        return Math.clamp(INTEROP.asLong(arguments[1]), 0, MAX_MILLISECONDS);
    }

    private Object decode(EventStream.Event event) {
        return event.bytes().length == valueCodec.size() ? decodeValue(event.bytes()) : new Bytes(event.bytes());
    }

    private void open() {
        if (stream instanceof PerfEventMap perf) {
            perf.open();
        }
    }

    private EventStream.Event take() {
        open();
        return stream.take();
    }

    private int poll(Object callback, long milliseconds) throws UnsupportedTypeException {
        if (!INTEROP.isExecutable(callback)) {
            throw UnsupportedTypeException.create(new Object[] {callback}, "a function is needed");
        }
        int count = 0;
        EventStream.Event event = take();
        if (event == null && milliseconds > 0) {
            // Closing the context interrupts the wait.
            TruffleSafepoint.setBlockedThreadInterruptible(null, waited -> waited.await(TimeUnit.MILLISECONDS.toNanos(milliseconds)), stream);
            event = take();
        }
        while (event != null) {
            call(callback, event);
            count++;
            event = count == MAX_EVENTS ? null : take();
        }
        return count;
    }

    /** What the callback does not take is no fault of who polls. */
    private void call(Object callback, EventStream.Event event) {
        try {
            INTEROP.execute(callback, decode(event), event.cpu(), event.lost());
        } catch (UnsupportedMessageException | UnsupportedTypeException | ArityException e) {
            throw new MapException(map.name(), Errno.EINVAL, "the callback does not take an event, the CPU and the number lost: " + e.getMessage());
        }
    }

    @ExportMessage
    boolean hasIterator() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getIterator() {
        open();
        return new EntryIterator(new Iterator<>() {
            private EventStream.Event next;

            @Override
            public boolean hasNext() {
                next = next == null ? stream.take() : next;
                return next != null;
            }

            @Override
            public BpfMap.Entry next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                EventStream.Event event = next;
                next = null;
                return new BpfMap.Entry(new byte[0], event.bytes());
            }
        }, entry -> entry.value().length == valueCodec.size() ? decodeValue(entry.value()) : new Bytes(entry.value()));
    }
}
