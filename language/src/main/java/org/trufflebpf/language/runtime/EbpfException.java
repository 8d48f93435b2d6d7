package org.trufflebpf.language.runtime;

import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.interop.ExceptionType;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.SourceSection;

/** What is wrong with an object or a program, in one line: what, where, what to do. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("serial")
public final class EbpfException extends AbstractTruffleException {

    /** When it went wrong. */
    public enum Failure {
        /** The file is no object that can be loaded. */
        MALFORMED,
        /** A program does what no program may. */
        REJECTED,
        /** A map cannot be made, or the maps take more memory than allowed. */
        RESOURCES,
        /** The caller did something that makes no sense. */
        USAGE
    }

    private final Failure failure;
    private final transient SourceSection location;

    public EbpfException(Failure failure, String message, SourceSection location) {
        super(message);
        this.failure = failure;
        this.location = location;
    }

    public EbpfException(Failure failure, String message) {
        this(failure, message, null);
    }

    public Failure failure() {
        return failure;
    }

    @ExportMessage
    ExceptionType getExceptionType() {
        return location != null ? ExceptionType.PARSE_ERROR : ExceptionType.RUNTIME_ERROR;
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
    boolean isExceptionIncompleteSource() {
        return false;
    }
}
