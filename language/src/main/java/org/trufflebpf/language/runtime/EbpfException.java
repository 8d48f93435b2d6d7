package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.ExceptionType;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.maps.Values;

/**
 * What is wrong with an object or a program, in one line: what, where, what to do. Guests read the members {@code failure} and, where they are known,
 * {@code program}, {@code instruction} (its slot from 0), {@code file} and {@code line}.
 */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("serial")
public final class EbpfException extends AbstractTruffleException {

    /** When it went wrong. */
    public enum Failure {
        /** The file is no object that can be loaded, or the text no assembly. */
        MALFORMED,
        /** A program does what no program may. */
        REJECTED,
        /** A map cannot be made, or the maps take more memory than allowed. */
        RESOURCES,
        /** The caller did something that makes no sense. */
        USAGE
    }

    /**
     * Where in an object.
     *
     * @param instruction the slot
     * @param line null when not known
     */
    public record Place(String program, int instruction, ProgramSpec.Line line) {
    }

    private final Failure failure;
    private final transient SourceSection location;
    private final transient Place place;

    /**
     * @param location in the object's source, or null
     * @param place null when it is the whole object
     */
    public EbpfException(Failure failure, String message, SourceSection location, Place place) {
        super(message);
        this.failure = failure;
        this.location = location;
        this.place = place;
    }

    public EbpfException(Failure failure, String message, SourceSection location) {
        this(failure, message, location, null);
    }

    public EbpfException(Failure failure, String message) {
        this(failure, message, null, null);
    }

    public Failure failure() {
        return failure;
    }

    private Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("failure", failure.name().toLowerCase(Locale.ROOT));
        if (place != null) {
            members.put("program", place.program);
            members.put("instruction", place.instruction);
            if (place.line != null) {
                members.put("file", place.line.file());
                members.put("line", place.line.line());
            }
        }
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
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return Values.of(members().keySet());
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return members().containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        Object value = members().get(member);
        if (value == null) {
            throw UnknownIdentifierException.create(member);
        }
        return value;
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
