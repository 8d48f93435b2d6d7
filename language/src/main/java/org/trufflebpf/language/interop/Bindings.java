package org.trufflebpf.language.interop;

import com.oracle.truffle.api.interop.ArityException;
import com.oracle.truffle.api.interop.InteropLibrary;
import com.oracle.truffle.api.library.ExportLibrary;
import com.oracle.truffle.api.library.ExportMessage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.trufflebpf.language.run.Commands;

/**
 * The language's bindings: what the {@code ebpf} command can do, as functions that take the command's arguments, and {@code identity}, which
 * returns its argument.
 */
@ExportLibrary(InteropLibrary.class)
public final class Bindings extends ValueWithMembers {
    private static final MetaObject KIND = new MetaObject("bindings", Bindings.class);

    private final Map<String, Object> members = new LinkedHashMap<>();

    /** @param ctl asks running instances */
    public Bindings(Commands commands, Consumer<String[]> ctl) {
        command("run", arguments -> {
            commands.run(arguments);
            return null;
        });
        command("batch", arguments -> {
            commands.batch(arguments);
            return null;
        });
        command("test", commands::test);
        command("info", commands::info);
        command("disasm", commands::disasm);
        command("verify", commands::verify);
        command("replay", commands::replay);
        command("conformancePlugin", commands::conformancePlugin);
        command("ctl", arguments -> {
            ctl.accept(arguments);
            return null;
        });
        command("stop", arguments -> {
            commands.stop();
            return null;
        });
        members.put("identity", new BuiltinFunction("identity", arguments -> {
            if (arguments.length != 1) {
                throw ArityException.create(1, 1, arguments.length);
            }
            return arguments[0];
        }));
    }

    private void command(String name, Function<String[], Object> body) {
        members.put(name, BuiltinFunction.command(name, body));
    }

    @ExportMessage
    @SuppressWarnings("static-method")
    boolean isScope() {
        return true;
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
        return "ebpf";
    }
}
