package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.interop.UnsupportedMessageException;
import com.oracle.truffle.api.interop.UnsupportedTypeException;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import com.oracle.truffle.api.source.SourceSection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.trufflebpf.language.object.ObjectSpec;
import org.trufflebpf.language.object.ProgramSpec;
import org.trufflebpf.language.run.Commands;
import org.trufflebpf.language.runtime.EbpfException;
import org.trufflebpf.language.runtime.EbpfException.Failure;
import org.trufflebpf.language.runtime.Instance;
import org.trufflebpf.maps.BpfMap;

/**
 * What evaluating an object gives: its programs and maps by name, and the types that its C source has. {@code snapshot(path)} writes what the maps hold
 * to a file and {@code restore(path)} reads it back, both while programs run. {@code close()} releases programs and maps before the context does;
 * using them later is an error.
 */
@ExportLibrary(InteropLibrary.class)
public final class ObjectValue extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("object", ObjectValue.class);

    private final SourceSection source;
    private final Map<String, Object> members = new LinkedHashMap<>();

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
        members.put("programs", new Dictionary("programs", programMembers));
        members.put("maps", new Dictionary("maps", mapMembers));
        members.put("btf", new TypesValue(spec.btf()));
        members.put("snapshot", file("snapshot", path -> commands.snapshot(instance, path)));
        members.put("restore", file("restore", path -> commands.restore(instance, path)));
        members.put("close", new BuiltinFunction("close", arguments -> {
            requireArguments(0, arguments);
            close(instance);
            return 0;
        }));
    }

    private static BuiltinFunction file(String name, Consumer<String> body) {
        return new BuiltinFunction(name, arguments -> {
            requireArguments(1, arguments);
            try {
                body.accept(InteropLibrary.getUncached().asString(arguments[0]));
            } catch (UnsupportedMessageException e) {
                throw UnsupportedTypeException.create(arguments, "takes the path of a file");
            }
            return 0;
        });
    }

    private static void requireArguments(int count, Object[] arguments) throws ArityException {
        if (arguments.length != count) {
            throw ArityException.create(count, count, arguments.length);
        }
    }

    /** Waits for the packets that are in programs of the object. */
    private static void close(Instance instance) {
        if (Thread.holdsLock(instance)) {
            throw new EbpfException(Failure.USAGE, "the object cannot be closed by what its own program calls");
        }
        synchronized (instance) {
            instance.close();
        }
    }

    @Override
    protected Map<String, Object> members() {
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
    protected MetaObject kind() {
        return KIND;
    }

    @Override
    protected String describe() {
        return "object " + source.getSource().getName();
    }
}
