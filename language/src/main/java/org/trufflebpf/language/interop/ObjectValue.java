package org.trufflebpf.language.interop;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.TruffleLanguage;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.TruffleObject;
import com.oracle.truffle.api.interop.UnknownIdentifierException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.trufflebpf.language.EbpfLanguage;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.maps.BpfMap;

/** What evaluating an object gives: its programs and maps by name. */
@ExportLibrary(InteropLibrary.class)
public final class ObjectValue implements TruffleObject {
    private final Members programs;
    private final Members maps;

    public ObjectValue(Instance instance, ObjectSpec spec) {
        Map<String, Object> programMembers = new LinkedHashMap<>();
        for (ProgramSpec program : spec.programs()) {
            programMembers.put(program.name(), new ProgramValue(instance, program.name()));
        }
        Map<String, Object> mapMembers = new LinkedHashMap<>();
        for (BpfMap map : instance.maps()) {
            mapMembers.put(map.name(), map);
        }
        this.programs = new Members(programMembers);
        this.maps = new Members(mapMembers);
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
    boolean hasMembers() {
        return true;
    }

    @ExportMessage
    @TruffleBoundary
    Object getMembers(@SuppressWarnings("unused") boolean includeInternal) {
        return new Members.Names(List.of("programs", "maps"));
    }

    @ExportMessage
    @TruffleBoundary
    boolean isMemberReadable(String member) {
        return member.equals("programs") || member.equals("maps");
    }

    @ExportMessage
    @TruffleBoundary
    Object readMember(String member) throws UnknownIdentifierException {
        return switch (member) {
            case "programs" -> programs;
            case "maps" -> maps;
            default -> throw UnknownIdentifierException.create(member);
        };
    }

    @ExportMessage
    Object toDisplayString(@SuppressWarnings("unused") boolean allowSideEffects) {
        return "eBPF object";
    }
}
