package org.trufflebpf.language.run;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.Map;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.maps.ExceptionWithMembers;

/** A command that cannot go on: one line, and the exit code that a process would end with, which guests read as {@code exitStatus}. */
@ExportLibrary(InteropLibrary.class)
@SuppressWarnings("serial")
public final class CommandException extends ExceptionWithMembers {
    private final int exitStatus;

    private CommandException(int exitStatus, String message) {
        super(message, null);
        this.exitStatus = exitStatus;
    }

    /** Something broke or could not be written. */
    public static CommandException failed(String message) {
        return new CommandException(1, message);
    }

    /** The arguments make no sense. */
    public static CommandException usage(String message) {
        return new CommandException(2, message);
    }

    /** A file does not exist or cannot be read. */
    public static CommandException unreadable(String message) {
        return new CommandException(74, message);
    }

    public int exitStatus() {
        return exitStatus;
    }

    @Override
    protected Map<String, Object> members() {
        return Map.of("exitStatus", exitStatus);
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
