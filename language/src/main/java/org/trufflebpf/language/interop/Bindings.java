package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.run.Commands;

/** The language's bindings: what the {@code ebpf} command can do, as functions that take the command's arguments. */
@ExportLibrary(InteropLibrary.class)
public final class Bindings implements TruffleObject {
    private final Map<String, BuiltinFunction> members = new LinkedHashMap<>();

    public Bindings(Commands commands) {
        member("run", arguments -> {
            commands.run(arguments);
            return null;
        });
        member("batch", arguments -> {
            commands.batch(arguments);
            return null;
        });
        member("test", commands::test);
        member("info", commands::info);
        member("disasm", commands::disasm);
        member("conformancePlugin", commands::conformancePlugin);
        member("stop", arguments -> {
            commands.stop();
            return null;
        });
    }

    private void member(String name, Function<String[], Object> body) {
        members.put(name, new BuiltinFunction(body));
    }

    @ExportMessage
    boolean hasLanguage() {
        return true;
    }

    @ExportMessage
    Class<? extends TruffleLanguage<?>> getLanguage() {
        return EbpfLanguage.class;
    }

    @ExportMessage
    boolean isScope() {
        return true;
    }

    @ExportMessage
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new Members.Names(List.copyOf(members.keySet()));
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return members.containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        Object value = members.get(member);
        if (value == null) {
            throw UnknownIdentifierException.create(member);
        }
        return value;
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberInvocable(String member) {
        return members.containsKey(member);
    }

    @ExportMessage
    @TruffleBoundary
    Object invokeMember(String member, Object[] arguments) throws UnknownIdentifierException, UnsupportedTypeException, ArityException {
        BuiltinFunction function = members.get(member);
        if (function == null) {
            throw UnknownIdentifierException.create(member);
        }
        return function.execute(arguments);
    }

    @ExportMessage
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return "ebpf";
    }
}
