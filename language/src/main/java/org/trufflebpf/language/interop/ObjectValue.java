package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.Commands;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.maps.BpfMap;

/** What evaluating an object gives: its programs and maps by name, and the types that its C source has. */
@ExportLibrary(InteropLibrary.class)
public final class ObjectValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("object", ObjectValue.class);

    private final SourceSection source;
    private final Dictionary programs;
    private final Dictionary maps;
    private final TypesValue types;

    /** @param source all of the file or text */
    public ObjectValue(Instance instance, Commands commands, SourceSection source) {
        ObjectSpec spec = instance.object().spec();
        Map<String, Object> programMembers = new LinkedHashMap<>();
        for (ProgramSpec program : spec.programs()) {
            programMembers.put(program.name(), new ProgramValue(instance, program, commands));
        }
        Map<String, Object> mapMembers = new LinkedHashMap<>();
        for (BpfMap map : instance.maps()) {
            mapMembers.put(map.name(), map);
        }
        this.source = source;
        this.programs = new Dictionary("programs", programMembers);
        this.maps = new Dictionary("maps", mapMembers);
        this.types = new TypesValue(spec.btf());
    }

    @Override
    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("programs", programs);
        members.put("maps", maps);
        members.put("btf", types);
        return members;
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean hasSourceLocation() {
        return true;
    }

    @ExportMessage
    SourceSection getSourceLocation() {
        return source;
    }

    @Override
    MetaObject kind() {
        return KIND;
    }

    @Override
    String describe() {
        return "object " + source.getSource().getName();
    }
}
