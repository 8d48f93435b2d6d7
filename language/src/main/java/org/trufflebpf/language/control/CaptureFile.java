package org.trufflebpf.language.control;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import java.io.IOException;
import java.util.Map;
import org.trufflebpf.io.memory.Memory;
import org.trufflebpf.io.memory.NativeBlock;
import org.trufflebpf.io.pcap.CaptureOutput;
import org.trufflebpf.io.pcap.CaptureReader;
import org.trufflebpf.io.pcap.CaptureWriter;
import org.trufflebpf.language.interop.BuiltinFunction;
import org.trufflebpf.language.interop.MetaObject;
import org.trufflebpf.language.interop.ValueWithMembers;
import org.trufflebpf.language.run.CommandException;

/**
 * A capture that a control program writes: {@code write(nanoseconds since 1970, bytes[, length])} appends a packet of that length of which
 * {@code bytes}, a buffer or an array of numbers, is the beginning. The file appears whole when the run ends.
 */
final class CaptureFile extends ValueWithMembers implements AutoCloseable {
    private static final MetaObject KIND = new MetaObject("capture", CaptureFile.class);
    private static final InteropLibrary INTEROP = InteropLibrary.getUncached();

    private final String name;
    private final CaptureWriter writer;
    private final NativeBlock packet = new NativeBlock(CaptureReader.MAX_PACKET);
    private final Map<String, Object> members;
    private boolean closed;

    CaptureFile(CaptureOutput output) {
        this.name = output.name();
        this.writer = new CaptureWriter(output);
        this.members = Map.of("write", new BuiltinFunction("write", this::write));
    }

    private Object write(Object[] arguments) throws UnsupportedTypeException, ArityException {
        if (arguments.length < 2 || arguments.length > 3) {
            throw ArityException.create(2, 3, arguments.length);
        }
        if (closed) {
            throw CommandException.failed(name + ": the run has ended");
        }
        try {
            long time = INTEROP.asLong(arguments[0]);
            Object bytes = arguments[1];
            boolean buffer = INTEROP.hasBufferElements(bytes);
            long captured = buffer ? INTEROP.getBufferSize(bytes) : INTEROP.getArraySize(bytes);
            long length = arguments.length == 3 ? INTEROP.asLong(arguments[2]) : captured;
            if (time < 0 || captured > CaptureReader.MAX_PACKET || length < captured || length > Integer.MAX_VALUE) {
                throw UnsupportedTypeException.create(arguments, "the time must not be negative, the bytes no more than the length and " +
                                CaptureReader.MAX_PACKET);
            }
            for (long i = 0; i < captured; i++) {
                int value = buffer ? INTEROP.readBufferByte(bytes, i) : INTEROP.asInt(INTEROP.readArrayElement(bytes, i));
                Memory.putByte(packet.address() + i, (byte) value);
            }
            writer.write(time, packet.address(), (int) captured, (int) length);
        } catch (UnsupportedTypeException e) {
            throw e;
        } catch (InteropException e) {
            throw UnsupportedTypeException.create(arguments, "takes nanoseconds, bytes and the packet's length");
        } catch (IOException e) {
            throw CommandException.failed(e.getMessage());
        }
        return this;
    }

    /** Makes the file appear. */
    void commit() throws IOException {
        writer.commit();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try (writer; packet) {
            // Both, whatever the first does.
        }
    }

    @Override
    protected Map<String, Object> members() {
        return members;
    }

    @Override
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return "capture " + name;
    }
}
