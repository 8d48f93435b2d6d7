package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.ExceptionType;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.nodes.Node;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.nodes.Trap;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.maps.ExceptionWithMembers;

/**
 * What is wrong with an object or a program, or went wrong in one, in one line: what, where, what to do. Guests read the members {@code failure} and
 * {@code reason}, the message without the place, and, where they are known, {@code program}, {@code instruction} (its slot from 0), {@code file} and
 * {@code line}. Traps have {@code kind} and {@code registers} too, and if they are about memory {@code size}, {@code address} in words, and, where
 * that is near something of the program, {@code region} and {@code offset}: see {@link Trap}.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("serial")
public final class EbpfException extends ExceptionWithMembers {

    /** When it went wrong. */
    public enum Failure {
        /** The file is no object that can be loaded, or the text no assembly. */
        MALFORMED,
        /** A program does what no program may. */
        REJECTED,
        /** A packet's run ended, its verdict is ABORTED. */
        TRAP,
        /** A map cannot be made, or the maps take more memory than allowed. */
        RESOURCES,
        /** The caller did something that makes no sense. */
        USAGE
    }

    private final Failure failure;
    private final transient SourceSection location;
    private final transient Map<String, Object> members = new LinkedHashMap<>();

    private EbpfException(Failure failure, String message, String reason, SourceSection location, Node node) {
        super(message, node);
        this.failure = failure;
        this.location = location;
        members.put("failure", failure.name().toLowerCase(Locale.ROOT));
        members.put("reason", reason);
    }

    /** @param location in the object's source, or null */
    public EbpfException(Failure failure, String message, SourceSection location) {
        this(failure, message, message, location, null);
    }

    public EbpfException(Failure failure, String message) {
        this(failure, message, null);
    }

    /**
     * @param explanation follows the reason in the message; may be empty
     * @param location in the object's source, or null
     */
    static EbpfException rejected(ProgramSpec program, int slot, String reason, String explanation, SourceSection location) {
        String message = Instance.describe(program, slot, "is rejected: " + reason + explanation);
        EbpfException exception = new EbpfException(Failure.REJECTED, message, reason, location, null);
        exception.putPlace(program, slot);
        return exception;
    }

    /** @param node stands for the instruction */
    static EbpfException trapped(ProgramSpec program, Trap trap, Node node) {
        String message = Instance.describe(program, trap.slot(), trap.text());
        EbpfException exception = new EbpfException(Failure.TRAP, message, trap.fault(), node.getSourceSection(), node);
        exception.putPlace(program, trap.slot());
        Map<String, Object> members = exception.members;
        members.put("kind", trap.kind().name().toLowerCase(Locale.ROOT));
        members.put("registers", trap.registers());
        if (trap.access() != null) {
            members.put("size", trap.access().size());
            members.put("address", trap.access().place());
            if (trap.access().region() != null) {
                members.put("region", trap.access().region());
                members.put("offset", trap.access().offset());
            }
        }
        return exception;
    }

    private void putPlace(ProgramSpec program, int slot) {
        members.put("program", program.name());
        members.put("instruction", slot);
        ProgramSpec.Line line = program.lineAt(slot);
        if (line != null) {
            members.put("file", line.file());
            members.put("line", line.line());
        }
    }

    public Failure failure() {
        return failure;
    }

    @Override
    protected Map<String, Object> members() {
        return members;
    }

    /** Parse errors must say where they are in the source. */
    private boolean isParseError() {
        return location != null && (failure == Failure.MALFORMED || failure == Failure.REJECTED);
    }

    @ExportMessage
    ExceptionType getExceptionType() {
        return isParseError() ? ExceptionType.PARSE_ERROR : ExceptionType.RUNTIME_ERROR;
    }

    @ExportMessage
    boolean isExceptionIncompleteSource() throws UnsupportedMessageException {
        if (!isParseError()) {
            throw UnsupportedMessageException.create();
        }
        return false;
    }

    @ExportMessage
    boolean hasSourceLocation() {
        return location != null;
    }

    @ExportMessage
    SourceSection getSourceLocation() throws UnsupportedMessageException {
        if (location == null) {
            throw UnsupportedMessageException.create();
        }
        return location;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean hasLanguage() {
        return true;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    Class<? extends TruffleLanguage<?>> getLanguage() {
        return EbpfLanguage.class;
    }

    @ExportMessage
    @TruffleBoundary
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return getMessage();
    }
}
